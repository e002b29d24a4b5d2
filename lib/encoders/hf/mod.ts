export {
  frozenSpeechEncoder,
  readSpeechEncoder,
  type TrainableSpeechEncoder,
} from "./speech/speech_encoder.ts";
export { frozenTextEncoder, readTextEncoder, type TrainableTextEncoder } from "./text_encoder.ts";

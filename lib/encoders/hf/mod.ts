export { restoredSpeechEncoder, restoredTextEncoder } from "./restored.ts";
export {
  frozenSpeechEncoder,
  readSpeechEncoder,
  speechEncoderOf,
  type TrainableSpeechEncoder,
} from "./speech/speech_encoder.ts";
export {
  frozenTextEncoder,
  readTextEncoder,
  textEncoderOf,
  type TrainableTextEncoder,
} from "./text_encoder.ts";

export { textArchitecture } from "./config.ts";
export { type HeadModel, readHeadModel } from "./head_model.ts";
export { type Model } from "./model.ts";
export { restoredSpeechEncoder, restoredTextEncoder } from "./restored.ts";
export { speechArchitecture } from "./speech/config.ts";
export {
  frozenSpeechEncoder,
  readSpeechEncoder,
  speechEncoderOf,
  type SpeechNetwork,
} from "./speech/speech_encoder.ts";
export { speechModel, speechShapes } from "./speech/speech_model.ts";
export { lowestConvolutions } from "./speech/lowest.ts";
export { padded, speechOfSize } from "./speech/waveform.ts";
export { speechPass } from "./speech/windows.ts";
export { frozenTextEncoder, readTextEncoder, textEncoderOf, type TextNetwork } from "./text_encoder.ts";
export { paddedTexts, textModel, textOfSize } from "./text_model.ts";
export { transformerShapes } from "./transformer.ts";
export { type Shapes } from "./weights.ts";

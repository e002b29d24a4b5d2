export { onnxSpeechEncoder } from "./speech.ts";
export { onnxTextEncoder } from "./text.ts";

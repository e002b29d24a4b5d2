/** Encoders, which turn text and speech into hidden states, and the feature cache. */
export { claim } from "./claims.ts";
export * from "./encoder.ts";
export * from "./encode_rows.ts";
export * from "./examples.ts";
export * from "./features.ts";
export { lowerStates } from "./lower_states.ts";
export type { InDialogue } from "./text_inputs.ts";
export * from "./unencoded.ts";
export { isAdapter, readAdapter } from "./lora/adapter.ts";
export { baseNameOf } from "./lora/base.ts";
export * from "./lora/lora.ts";
export { writeAdapter } from "./lora/write.ts";
export { type EncoderEntry, formOf, type Restore } from "./built_in.ts";
export {
  forgetEncoder,
  isStored,
  registerSpeechEncoder,
  registerTextEncoder,
  requireEncoder,
  speechEncoder,
  speechEncoders,
  textEncoder,
  textEncoders,
} from "./registry.ts";
export * from "./trainable.ts";
export { eightBit } from "./eight_bit/eight_bit.ts";
export { type HeadModel, headModel } from "./head_model.ts";
export * from "./stored/mod.ts";
export type { HeardSegment, Recogniser } from "./hf_onnx/recogniser.ts";
export { openSession } from "./onnx_session.ts";
export { fileKeys } from "./file_keys.ts";
export { fingerprint } from "./fingerprint.ts";
export * from "./graph_inputs.ts";
export { currentVersion, partsOf, savedVersion } from "./versions.ts";
export type { Window } from "./windows.ts";
export { decodeGraph, renamed } from "./onnx_graph/builder.ts";
export { folderOf } from "./hf/hidden_state.ts";
export { logMel, melFilters, MELS } from "./acoustic/mel.ts";
export { powerSpectra } from "./acoustic/spectrum.ts";
export { licenceOf, publicName } from "./public_name.ts";
export { frozenEncoder, modelEncoder } from "./network.ts";
export { paramsFrom } from "./params.ts";

/** Encoders, which turn text and speech into hidden states, and the feature cache. */
export * from "./encoder.ts";
export * from "./encode_rows.ts";
export * from "./examples.ts";
export * from "./features.ts";
export * from "./unencoded.ts";
export { isAdapter, readAdapter } from "./lora/adapter.ts";
export { baseNameOf } from "./lora/base.ts";
export * from "./lora/lora.ts";
export { writeAdapter } from "./lora/write.ts";
export * from "./registry.ts";
export { openSession } from "./onnx_session.ts";
export { fingerprint } from "./fingerprint.ts";
export * from "./graph_inputs.ts";
export { decodeGraph, renamed } from "./onnx_graph/builder.ts";
export { folderOf } from "./hf/hidden_state.ts";
export { logMel, melFilters, MELS } from "./acoustic/mel.ts";
export { powerSpectra } from "./acoustic/spectrum.ts";
export { frozenEncoder, modelEncoder, paramsFrom } from "./network.ts";

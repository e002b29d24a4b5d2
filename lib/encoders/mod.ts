/** Encoders: text and speech to hidden states, and their cache. */
export * from "./encoder.ts";
export * from "./encode_rows.ts";
export * from "./features.ts";
export * from "./unencoded.ts";
export { isAdapter, readAdapter } from "./lora/adapter.ts";
export { baseNameOf } from "./lora/base.ts";
export * from "./lora/lora.ts";
export { writeAdapter } from "./lora/write.ts";
export * from "./registry.ts";

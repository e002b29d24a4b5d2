/** Encoders: text and speech to hidden states, and their cache. */
export * from "./encoder.ts";
export * from "./encode_rows.ts";
export * from "./features.ts";
export * from "./unencoded.ts";
export * from "./lora/adapter.ts";
export * from "./lora/lora.ts";
export * from "./registry.ts";

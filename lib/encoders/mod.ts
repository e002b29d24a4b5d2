/** Encoders: text and speech to hidden states, and their cache. */
export * from "./encoder.ts";
export * from "./features.ts";
export * from "./registry.ts";

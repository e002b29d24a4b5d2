export * from "./classifier.ts";
export * from "./inner.ts";
export * from "./predictor.ts";
export * from "./reader.ts";
export * from "./saving.ts";

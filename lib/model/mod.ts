export * from "./answers.ts";
export * from "./classifier.ts";
export * from "./model_encoders.ts";
export * from "./predictor.ts";
export * from "./reader.ts";
export * from "./saving.ts";

export * from "./answers.ts";
export * from "./attention.ts";
export * from "./classifier.ts";
export { mixFeed } from "./mixed.ts";
export * from "./model_encoders.ts";
export * from "./predictor.ts";
export * from "./reader.ts";
export * from "./saving.ts";
export * from "./views.ts";

export * from "./classifier.ts";
export * from "./saving.ts";

export * from "./background.ts";
export { trainingCurves } from "./curves.ts";
export * from "./evaluate.ts";
export * from "./infer.ts";
export * from "./prepare.ts";
export * from "./run_folder.ts";
export * from "./train.ts";

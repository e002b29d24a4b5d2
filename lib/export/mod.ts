export { aboutOf, type EncoderAbout, type ExportAbout, metadataOf } from "./about.ts";
export { type Check, checkFile } from "./check.ts";
export { classifierGraph, type OutputOptions } from "./classifier_graph.ts";
export { fileInputs, isInside, type Part, partsOf } from "./parts.ts";
export { type Trial, trialsOf } from "./trial.ts";
export type { Port } from "../compute/mod.ts";

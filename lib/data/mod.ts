export * from "./batch.ts";
export * from "./load.ts";
export * from "./standardize.ts";
export * from "./utterance.ts";
export { MELD_LABELS } from "./meld.ts";
export { RAVDESS_LABELS } from "./ravdess.ts";
export * from "./audit.ts";
export * from "./split.ts";

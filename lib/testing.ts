/**
 * Checks for what you write yourself: the conformance suite of fusion methods, the one that the built-in methods pass.
 *
 * @module
 */
export type { EngineOptions } from "./compute/mod.ts";
export type { FusionInput, FusionMethod, FusionOutput, FusionSizes } from "./fusion/mod.ts";
export type { DropoutKeys, ForwardContext, Params } from "./nn/mod.ts";
export type { Modality } from "./data/mod.ts";
export { type Check, checkFusionMethod, type CheckOptions, checksText } from "./conformance/mod.ts";

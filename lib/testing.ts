/**
 * Checks for fusion methods of your own: the conformance suite that every built-in method passes.
 *
 * @module
 */
export type { EngineOptions } from "./compute/mod.ts";
export type { FusionInput, FusionMethod, FusionOutput, FusionSizes } from "./fusion/mod.ts";
export type { DropoutKeys, ForwardContext, Params } from "./nn/mod.ts";
export type { Modality } from "./data/mod.ts";
export { type Check, checkFusionMethod, type CheckOptions, checksText } from "./conformance/mod.ts";

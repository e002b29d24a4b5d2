/**
 * Checks for what you write yourself: the conformance suite of fusion methods, the one that the built-in methods pass.
 *
 * @module
 */
export { type Check, checkFusionMethod, type CheckOptions, checksText } from "./conformance/mod.ts";

/**
 * What a fusion head or an encoder is written with: initial parameters, layers, masked operations, attention, dropout. `tf`
 * and `z` are TensorFlow.js and zod as Undertone uses them; a second copy of either would not know the tensors and schemas
 * of this one.
 *
 * @module
 */
export * as tf from "@tensorflow/tfjs-core";
export { z } from "zod";
export { useEngine } from "./compute/mod.ts";
export type { FusionInput, FusionMethod, FusionOutput, FusionSizes } from "./fusion/mod.ts";
export * from "./nn/mod.ts";

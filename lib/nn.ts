/**
 * What a fusion head or an encoder is written with: initial parameters, layers, masked operations, attention, dropout. Import
 * `@tensorflow/tfjs-core` and `zod` by these names beside it: they are the copies that Undertone uses.
 *
 * @module
 */
export {
  type Engine,
  type EngineOptions,
  type EngineStats,
  type Feed,
  type HostTensor,
  useEngine,
} from "./compute/mod.ts";
export type { FusionInput, FusionMethod, FusionOutput, FusionSizes } from "./fusion/mod.ts";
export * from "./nn/mod.ts";

/**
 * Building blocks of fusion heads and encoders: initial parameters, layers, masked operations, attention,
 * dropout, and the context of a forward pass. Import `@tensorflow/tfjs-core` and `zod` beside it, by exactly
 * these names: these are the copies that Undertone uses.
 *
 * Shapes: B rows of a batch, L positions of a sequence, D the width of a hidden state, C classes. A mask
 * `[B,L]` is float32, 1 at real positions and 0 at padding.
 *
 * @module
 */

// The interface of a fusion method, and its input and output.
export type { FusionInput, FusionMethod, FusionOutput, FusionSizes } from "./fusion/mod.ts";
export type { Modality } from "./data/mod.ts";

// Parameters, with PyTorch's names and layouts.
export {
  attentionInit,
  constantInit,
  disposeParams,
  linearInit,
  normalInit,
  normInit,
  type Params,
  paramsUnder,
  uniformInit,
} from "./nn/mod.ts";

// Layers and activations.
export {
  conv1d,
  type Convolution,
  embedding,
  gelu,
  groupNorm,
  layerNorm,
  leakyRelu,
  linear,
  linearLayer,
  normLayer,
} from "./nn/mod.ts";

// Pooling: from a sequence to one vector, ignoring padding.
export {
  attentionPooling,
  maskedMax,
  maskedMean,
  maskedMin,
  maskedSoftmax,
  presence,
  weightedSum,
} from "./nn/mod.ts";

// Attention.
export {
  attend,
  attentionMap,
  crossAttention,
  ofKeys,
  scaledMatMul,
  type Sides,
  withoutPadding,
} from "./nn/mod.ts";

// The forward pass: whether it is training, and its random numbers.
export {
  checkpointed,
  type Draw,
  dropDimensions,
  dropout,
  type DropoutKeys,
  dropoutKeys,
  dropStates,
  type ForwardContext,
  inference,
  keptDimensions,
  randomTensor,
} from "./nn/mod.ts";

// The engine.
export { type DrawKeys, type Products, type Variables } from "./compute/mod.ts";
export { type Engine, type EngineOptions, type EngineStats, useEngine } from "./compute/mod.ts";

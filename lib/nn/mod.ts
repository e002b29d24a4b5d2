export {
  type Captured,
  checkpointed,
  conv1d,
  type Convolution,
  type Draw,
  embedding,
  gelu,
  groupNorm,
  layerNorm,
  leakyRelu,
  linear,
  maskedMax,
  maskedMean,
  maskedMin,
  maskedSoftmax,
  scaledMatMul,
  type Step,
} from "../compute/mod.ts";
export { attend, attentionMap, crossAttention, ofKeys, type Sides, withoutPadding } from "./attention.ts";
export { capture } from "./capture.ts";
export { type DropoutKeys, dropoutKeys, type ForwardContext, inference, randomTensor } from "./context.ts";
export { dropDimensions, dropout, dropStates, keptDimensions } from "./dropout.ts";
export {
  attentionInit,
  constantInit,
  linearInit,
  normalInit,
  normInit,
  shapesOf,
  uniformInit,
} from "./init.ts";
export { linearLayer, normLayer } from "./layers.ts";
export { packed, type Packing, packingOf, unpacked } from "./packing.ts";
export { disposeParams, type Params, paramsUnder } from "./params.ts";
export { attentionPooling, presence, weightedSum } from "./pooling.ts";

import "./gradients/mod.ts";

export { capture, type Captured, type Outputs, type Step } from "./capture.ts";
export { dropout } from "./dropout.ts";
export { type Draw, drawn, type DropoutKeys, dropoutKeys, type ForwardContext } from "./drawn.ts";
export { type Feed, type HostTensor, toTensor } from "./feed.ts";
export { attend, linearLayer, normLayer } from "./layers.ts";
export { hostValues, hostValuesSync, updateInPlace } from "./host.ts";
export { leakyRelu } from "./ops/activations.ts";
export { conv1d, type Convolution } from "./ops/conv1d.ts";
export { embedding, gradientsOf } from "./ops/embedding.ts";
export { gelu } from "./ops/gelu.ts";
export { groupNorm } from "./ops/group_norm.ts";
export { layerNorm } from "./ops/layer_norm.ts";
export { linear } from "./ops/linear.ts";
export { maskedMax, maskedMean, maskedMin, maskedSoftmax } from "./ops/masked.ts";
export { disposeParams, type Params } from "./params.ts";
export { currentEngine, type EngineOptions, ENGINES, useEngine } from "./engine.ts";
export type { Engine, EngineStats } from "./stats.ts";

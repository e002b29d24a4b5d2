import "./gradients/mod.ts";

export { type CapturedOnDevice, captureOnDevice, type DeviceStep } from "./capture_on_device.ts";
export { type Captured, captureStep, type ContextReader, type Outputs, type Step } from "./capture.ts";
export { debug, debugLog } from "./debug.ts";
export { type Draw, type DrawKeys, fillTensor } from "./draw.ts";
export { type Feed, type HostTensor, toTensor, toTensors, type Variables } from "./feed.ts";
export { findGpu } from "./gpu.ts";
export { halfPrecision, requireHalfPrecision, type Within } from "./half_precision.ts";
export { collectGarbage } from "./garbage.ts";
export { type Helpers, startHelpers } from "./helpers.ts";
export { hostValues, hostValuesSync, moveInto, updateInPlace } from "./host.ts";
export { drawMask } from "./mask.ts";
export { leakyRelu } from "./ops/activations.ts";
export { conv1d, type Convolution } from "./ops/conv1d.ts";
export { detached, embedding, gradientsOf } from "./ops/embedding.ts";
export { gelu } from "./ops/gelu.ts";
export { groupNorm } from "./ops/group_norm.ts";
export { layerNorm } from "./ops/layer_norm.ts";
export { linear } from "./ops/linear.ts";
export { maskedMax, maskedMean, maskedMin, maskedSoftmax } from "./ops/masked.ts";
export { type Products, scaledMatMul } from "./ops/products.ts";
export { checkpointed } from "./ops/gradient_checkpointing.ts";
export {
  currentEngine,
  DEVICE,
  DEVICES,
  type EngineOptions,
  ENGINES,
  useEngine,
  wantedThreads,
} from "./engine.ts";
export * from "./any_size/mod.ts";
export type { Engine, EngineStats } from "./stats.ts";
export {
  type Attribute,
  attributeProto,
  type Constant,
  ELEMENT_TYPE,
  type HostArray,
  int,
  ints,
  lacking,
  type Node,
  type Trace,
  traceStep,
  type Value,
} from "./onnx/mod.ts";
export type {
  NamedTensorMap,
  Scalar,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  Tensor4D,
  Variable,
} from "./tensors.ts";
export { setUpTensorflow, tensorflowIsSetUp } from "./tensorflow/mod.ts";

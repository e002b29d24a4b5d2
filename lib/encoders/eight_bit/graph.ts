/** A network as one ONNX graph for all sizes, with its weights in 8 bits. */
import {
  alignTraces,
  encodeGraph,
  type Feed,
  graphOf,
  type NamedTensorMap,
  type Port,
  type Rewrite,
  traceStep,
} from "../../compute/mod.ts";
import { disposeParams, dropoutKeys } from "../../nn/mod.ts";
import type { NetworkEncoder } from "../encoder.ts";
import { paramsFrom } from "../network.ts";
import { byteConvolutions } from "./convolutions.ts";
import { byteProducts, BYTES_OPSET } from "./products.ts";
import { byteMatrix } from "./quantise.ts";

/**
 * Batch sizes and lengths at which a network is recorded. They vary independently, and no length is a width
 * or a multiple of another, so that each number in a recording has one explanation.
 */
const BATCHES = [5, 11, 7, 13, 17, 8], LENGTHS = [257, 409, 331, 283, 521, 367];

const still = { training: false, dropout: dropoutKeys(0, 0) };

/**
 * Returns the bytes of an ONNX model from the inputs of `apply` to `states [B,L,D]` and
 * `states_mask [B,L]`. Linear
 * layers and convolutions multiply in 8 bits; all else is float32. `like` is a feed with the inputs to read:
 * those that no recording has keep their shape. The engine must be `onnx` on the CPU.
 */
export function byteGraph<In>(
  { apply, weights, recordedAt }: Pick<NetworkEncoder<In>, "apply" | "weights" | "recordedAt">,
  like: Feed,
): Uint8Array {
  const sizes = BATCHES.map((batch, k) => ({ ...like, ...recordedAt!(batch, LENGTHS[k]) }));
  const inputs = Object.keys(like).map((name): Port => ({
    name,
    type: like[name].data instanceof Int32Array ? "int32" : "float32",
    axes: like[name].shape.map((_, axis) => {
      const lengths = sizes.map((feed) => feed[name].shape[axis]);
      return lengths.every((length) => length === lengths[0]) ? lengths[0] : `${name}_${axis}`;
    }),
  }));
  const params = paramsFrom(weights);
  try {
    const step = (inputs: NamedTensorMap): NamedTensorMap => {
      const { states, mask } = apply(params, inputs, still);
      return { states, states_mask: mask };
    };
    const recorded = alignTraces(sizes.map((feed) => traceStep(step, feed, params)));
    const products = byteProducts((name) => byteMatrix(weights[name].data, weights[name].shape));
    const convolutions = byteConvolutions((name) => weights[name]);
    const rewrite: Rewrite = (...node) => products(...node) ?? convolutions(...node);
    const graph = graphOf(recorded, inputs, sizes, (name) => weights[name].data as Float32Array, rewrite);
    const outputs = ["states", "states_mask"].map((name): Port => ({
      name,
      type: "float32",
      axes: recorded.outputs[name].shapes[0].map((_, axis) => `${name}_${axis}`),
    }));
    return encodeGraph(graph, { inputs, outputs, opset: BYTES_OPSET });
  } finally {
    disposeParams(params);
  }
}

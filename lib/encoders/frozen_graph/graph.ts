/** A network as one ONNX graph for all sizes, with its weights as constants. */
import {
  alignTraces,
  type Apart,
  encodeGraph,
  type Feed,
  graphOf,
  type NamedTensorMap,
  OPSET,
  type Port,
  type Rewrite,
  traceStep,
  weightsApart,
} from "../../compute/mod.ts";
import { placeOf } from "../../files/mod.ts";
import { disposeParams, dropoutKeys } from "../../nn/mod.ts";
import type { NetworkEncoder } from "../encoder.ts";
import { paramsFrom } from "../params.ts";
import { imageConvolutions } from "./convolutions.ts";

/**
 * Batch sizes and lengths at which a network is recorded. They vary independently, and no length is a width
 * or a multiple of another, so that each number in a recording has one explanation.
 */
const BATCHES = [5, 11, 7, 13, 17, 8], LENGTHS = [257, 409, 331, 283, 521, 367];

const still = { training: false, dropout: dropoutKeys(0, 0) };

/** A network that can be recorded as a graph. */
export type Recordable = Pick<NetworkEncoder<never>, "apply" | "weights" | "recordedAt">;

/** How the nodes of a recording are written. */
export interface Writing {
  rewrite: Rewrite;
  opset?: Parameters<typeof encodeGraph>[1]["opset"];
}

/** ONNX Runtime multiplies transposed factors faster than the standard's operators do. */
export const withFusedProducts: Rewrite = (nodes, { op, inputs, attributes }, nameOf) =>
  op === "FusedMatMul" ? nodes.emit(`com.microsoft:${op}`, inputs.map(nameOf), attributes) : undefined;

/** Returns how one graph of a network with float32 weights is written. */
function inFloats({ weights }: Pick<Recordable, "weights">): Writing {
  const convolutions = imageConvolutions((name) => weights[name].data);
  return { rewrite: (...node) => convolutions(...node) ?? withFusedProducts(...node) };
}

/**
 * Returns an ONNX model from the inputs of `apply` to `states [B,L,D]` and `states_mask [B,L]`, as its bytes
 * and the large weights, which lie apart. `like` is a feed with the inputs to read: those that no recording
 * has keep their shape. The engine must be `onnx` on the CPU.
 */
export function networkGraph(
  { apply, weights, recordedAt }: Recordable,
  like: Feed,
  { rewrite, opset = OPSET }: Writing = inFloats({ weights }),
): { bytes: Uint8Array; apart: Apart } {
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
    const whole = graphOf(recorded, inputs, sizes, (name) => weights[name].data as Float32Array, rewrite);
    const outputs = ["states", "states_mask"].map((name): Port => ({
      name,
      type: "float32",
      axes: recorded.outputs[name].shapes[0].map((_, axis) => `${name}_${axis}`),
    }));
    const { graph, apart } = weightsApart(whole, (name, bytes) => {
      const weight = weights[name]; // one rewritten in bytes is another tensor of its name
      return weight && 4 * weight.shape.reduce((a, b) => a * b, 1) === bytes ? placeOf(weight) : undefined;
    });
    return { bytes: encodeGraph(graph, { inputs, outputs, opset }), apart };
  } finally {
    disposeParams(params);
  }
}

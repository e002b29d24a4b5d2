import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D, Tensor2D } from "../tensors.ts";
import { gradient } from "../gradients/gradient.ts";
import { composed, runKernel } from "./composed.ts";

/**
 * Linear layer over the last axis, `x Wᵀ + b`: `[..., in]` to `[..., out]`, with weight `[out, in]` and bias
 * `[out]` as in PyTorch.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { linear, useEngine } from "@undertone/undertone/nn";
 *
 * await useEngine();
 * linear(tf.tensor2d([[1, 2]]), tf.tensor2d([[3, 4]]), tf.tensor1d([5])).print(); // [[16]]
 * ```
 */
export function linear(x: Tensor, weight: Tensor2D, bias?: Tensor1D): Tensor {
  return runKernel("Linear", { x, weight, bias });
}

const rowsOf = (x: Tensor): Tensor2D => tf.reshape(x, [x.size / x.shape.at(-1)!, x.shape.at(-1)!]);

composed("Linear", ({ x, weight, bias }) => {
  const [outputs, inputs] = weight.shape;
  const product = tf.matMul(tf.reshape(x, [-1, inputs]), weight as Tensor2D, false, true);
  return tf.reshape(bias ? tf.add(product, bias) : product, [...x.shape.slice(0, -1), outputs]);
});

gradient("Linear", { inputs: ["x", "weight"] }, (dy, [x, weight]) => ({
  x: () => tf.reshape(tf.matMul(rowsOf(dy), weight as Tensor2D), x.shape),
  weight: () => tf.matMul(rowsOf(dy), rowsOf(x), true, false),
  bias: () => tf.sum(rowsOf(dy), 0),
}));

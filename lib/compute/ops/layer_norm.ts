import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "../tensors.ts";
import { gradient } from "../gradients/gradient.ts";
import { composed, runKernel } from "./composed.ts";

/**
 * Layer norm over the last axis with the biased variance (Ba et al. 2016); gamma and beta `[D]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { layerNorm, useEngine } from "@undertone/undertone/nn";
 *
 * await useEngine();
 * layerNorm(tf.tensor2d([[1, 3]]), tf.ones([2]), tf.zeros([2])).print(); // [[-1, 1]]
 * ```
 */
export function layerNorm<T extends Tensor>(
  x: T,
  gamma: Tensor1D,
  beta: Tensor1D,
  epsilon = 1e-5,
): T {
  return runKernel<Tensor[]>("LayerNorm", { x, gamma, beta }, { epsilon })[0] as T;
}

/** Returns the output, and for the gradient the mean and inverse deviation of each vector, `[..., 1]`. */
composed("LayerNorm", ({ x, gamma, beta }, { epsilon }) => {
  const mean = tf.mean(x, -1, true);
  const centred = tf.sub(x, mean);
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
  return [tf.add(tf.mul(tf.mul(centred, inverse), gamma), beta), mean, inverse];
});

gradient("LayerNorm", { inputs: ["x", "gamma"], outputs: [false, true, true] }, (dys, saved) => {
  const [x, gamma, mean, inverse] = saved, [dy] = dys as unknown as Tensor[];
  const inputs = { dy, x, gamma, mean, inverse };
  const [byX, byGamma, byBeta] = runKernel<Tensor[]>("LayerNormGrad", inputs);
  return { x: () => byX, gamma: () => byGamma, beta: () => byBeta };
});

/**
 * Gradients, with n the normalised x and g = dy γ: dx = (g - mean(g) - n mean(g n)) / deviation, dγ = Σ dy n,
 * dβ = Σ dy.
 */
composed("LayerNormGrad", ({ dy, x, gamma, mean, inverse }) => {
  const normed = tf.mul(tf.sub(x, mean), inverse);
  const scaled = tf.mul(dy, gamma);
  const along = tf.mul(normed, tf.mean(tf.mul(scaled, normed), -1, true));
  const byX = tf.mul(tf.sub(tf.sub(scaled, tf.mean(scaled, -1, true)), along), inverse);
  const leading = x.shape.slice(0, -1).map((_, i) => i);
  return [byX, tf.sum(tf.mul(dy, normed), leading), tf.sum(dy, leading)];
});

import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from "../tensors.ts";
import { gradient } from "../gradients/gradient.ts";
import { composed, runKernel } from "./composed.ts";

/**
 * Group norm (Wu and He 2018) with one group per channel, over the real positions of each row: `x [B,C,L]`,
 * gamma and beta `[C]`. Mean and biased variance come from the positions where `mask [B,L]` is 1, so padding
 * does not affect them. Values at padding are normalised with the same mean and variance.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { groupNorm, useEngine } from "@undertone/undertone/nn";
 *
 * await useEngine();
 * const x = tf.tensor3d([[[1, 3, 7]]]), mask = tf.tensor2d([[1, 1, 0]]); // the third position is padding
 * groupNorm(x, mask, tf.ones([1]), tf.zeros([1])).print(); // -1, 1, and what padding makes of it
 * ```
 */
export function groupNorm(
  x: Tensor3D,
  mask: Tensor2D,
  gamma: Tensor1D,
  beta: Tensor1D,
  epsilon = 1e-5,
): Tensor3D {
  return runKernel<Tensor[]>("GroupNorm", { x, mask, gamma, beta }, { epsilon })[0] as Tensor3D;
}

/** Returns the weight of each position in the mean of its row, `[B,L]`. */
const sharesOf = (mask: Tensor): Tensor => tf.div(mask, tf.maximum(tf.sum(mask, 1, true), 1));

/** Returns the output, and for the gradient the mean and inverse deviation of each channel, `[B,C,1]`. */
composed("GroupNorm", ({ x, mask, gamma, beta }, { epsilon }) => {
  const shares = tf.expandDims(sharesOf(mask), 2);
  const mean = tf.matMul(x, shares);
  const centred = tf.sub(x, mean);
  const inverse = tf.rsqrt(tf.add(tf.matMul(tf.square(centred), shares), epsilon));
  const y = tf.add(tf.mul(centred, tf.mul(inverse, tf.expandDims(gamma, 1))), tf.expandDims(beta, 1));
  return [y, mean, inverse];
});

gradient("GroupNorm", { inputs: ["x", "mask", "gamma"], outputs: [false, true, true] }, (dys, saved) => {
  const [x, mask, gamma, mean, inverse] = saved, [dy] = dys as unknown as Tensor[];
  const [byX, byGamma, byBeta] = runKernel<Tensor[]>("GroupNormGrad", {
    dy,
    x,
    mask,
    gamma,
    mean,
    inverse,
  });
  return { x: () => byX, mask: () => tf.zerosLike(mask), gamma: () => byGamma, beta: () => byBeta };
});

/**
 * Gradients, with n the normalised x, s the weights of the mean, and per row and channel p = Σ dy n and q = Σ
 * dy over all positions: dx = γ (dy - s (q + n p)) / deviation, dγ = Σ p, dβ = Σ q.
 */
composed("GroupNormGrad", ({ dy, x, mask, gamma, mean, inverse }) => {
  const normed = tf.mul(tf.sub(x, mean), inverse);
  const along = tf.sum(tf.mul(dy, normed), 2, true), total = tf.sum(dy, 2, true);
  const through = tf.mul(tf.add(tf.mul(normed, along), total), tf.expandDims(sharesOf(mask), 1));
  const byX = tf.mul(tf.sub(dy, through), tf.mul(inverse, tf.expandDims(gamma, 1)));
  return [byX, tf.sum(along, [0, 2]), tf.sum(total, [0, 2])];
});

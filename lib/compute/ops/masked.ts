/**
 * Softmax and pooling over the real positions of padded sequences. Masks are float32: 1 at real positions, 0
 * at padding.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor2D, Tensor3D } from "../tensors.ts";
import { gradient } from "../gradients/gradient.ts";
import { composed, runKernel } from "./composed.ts";

/**
 * Subtracted from scores at padding. It exceeds any score but is finite, so rows of padding only stay finite
 * too.
 */
export const EXCLUDED = 1e30;

/**
 * Softmax over the positions whose mask is 1; `mask` must broadcast to `scores`. Padding gets exactly 0, and
 * so does every position of a row without real positions. The gradients there are exactly 0.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { maskedSoftmax, useEngine } from "@undertone/undertone/nn";
 *
 * await useEngine();
 * maskedSoftmax(tf.tensor2d([[1, 1, 9]]), tf.tensor2d([[1, 1, 0]])).print(); // [[0.5, 0.5, 0]]
 * ```
 */
export function maskedSoftmax<T extends Tensor>(scores: T, mask: Tensor, axis = -1): T {
  const positive = axis < 0 ? axis + scores.rank : axis;
  if (positive !== scores.rank - 1) {
    const order = scores.shape.map((_, i) => i);
    order[positive] = scores.rank - 1;
    order[scores.rank - 1] = positive;
    const wide = tf.add(mask, tf.zeros(scores.shape.map(() => 1)));
    return tf.transpose(maskedSoftmax(tf.transpose(scores, order), tf.transpose(wide, order)), order) as T;
  }
  return runKernel("MaskedSoftmax", { scores, mask });
}

composed("MaskedSoftmax", ({ scores, mask }) => {
  const excluded = tf.mul(tf.sub(mask, 1), EXCLUDED);
  return tf.mul(tf.softmax(tf.add(scores, excluded)), mask);
});
gradient("MaskedSoftmax", { inputs: ["mask"], outputs: [true] }, (dy, [mask, y]) => ({
  scores: () => runKernel<Tensor>("SoftmaxGrad", { dy, y }),
  mask: () => tf.zerosLike(mask),
}));

/** Gradient of a softmax over the last axis, from its output: y (dy - Σ dy y). */
composed("SoftmaxGrad", ({ dy, y }) => tf.mul(y, tf.sub(dy, tf.sum(tf.mul(dy, y), -1, true))));

/**
 * Mean over the real positions: `[B,T,D]` and `[B,T]` to `[B,D]`; 0 if there are none.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { maskedMean, useEngine } from "@undertone/undertone/nn";
 *
 * await useEngine();
 * maskedMean(tf.tensor3d([[[1], [3], [9]]]), tf.tensor2d([[1, 1, 0]])).print(); // [[2]]
 * ```
 */
export function maskedMean(x: Tensor3D, mask: Tensor2D): Tensor2D {
  const share = tf.div(mask, tf.maximum(tf.sum(mask, 1, true), 1));
  return tf.squeeze(tf.matMul(tf.expandDims(share, 1), x), [1]);
}

/**
 * Maximum over the real positions: `[B,T,D]` and `[B,T]` to `[B,D]`; 0 if there are none. The gradient goes
 * to the first position that holds the maximum, as in PyTorch.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { maskedMax, useEngine } from "@undertone/undertone/nn";
 *
 * await useEngine();
 * maskedMax(tf.tensor3d([[[1], [3], [9]]]), tf.tensor2d([[1, 1, 0]])).print(); // [[3]]
 * ```
 */
export const maskedMax = (x: Tensor3D, mask: Tensor2D): Tensor2D => extreme(x, mask, false);

/**
 * Minimum over the real positions; otherwise like `maskedMax`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { maskedMin, useEngine } from "@undertone/undertone/nn";
 *
 * await useEngine();
 * maskedMin(tf.tensor3d([[[4], [3], [0]]]), tf.tensor2d([[1, 1, 0]])).print(); // [[3]]
 * ```
 */
export const maskedMin = (x: Tensor3D, mask: Tensor2D): Tensor2D => extreme(x, mask, true);

const extreme = (x: Tensor3D, mask: Tensor2D, least: boolean) =>
  runKernel<Tensor2D[]>("MaskedExtreme", { x, mask }, { least })[0];

/** Returns the extreme values, and for the gradient their positions as int32; both `[B,D]`. */
composed("MaskedExtreme", ({ x, mask }, { least }) => {
  const valid = tf.expandDims(mask, 2);
  const excluded = tf.mul(tf.sub(valid, 1), least ? -EXCLUDED : EXCLUDED);
  const candidates = tf.add(tf.mul(x, valid), excluded);
  const some = tf.max(mask, 1, true);
  return least
    ? [tf.mul(tf.min(candidates, 1), some), tf.argMin(candidates, 1)]
    : [tf.mul(tf.max(candidates, 1), some), tf.argMax(candidates, 1)];
});
gradient("MaskedExtreme", { inputs: ["mask"], outputs: [false, true] }, (dys, [mask, winner]) => ({
  x: () => runKernel<Tensor>("MaskedExtremeGrad", { dy: [dys].flat()[0], mask, winner }),
  mask: () => tf.zerosLike(mask),
}));

/** Places `dy [B,D]` at the positions of the extremes, `[B,T,D]`; all 0 for rows without real positions. */
composed("MaskedExtremeGrad", ({ dy, mask, winner }) => {
  const positions = tf.reshape(tf.range(0, mask.shape[1]!, 1, "int32"), [1, -1, 1]);
  const won = tf.cast(tf.equal(tf.expandDims(winner, 1), positions), "float32");
  return tf.mul(won, tf.expandDims(tf.mul(dy, tf.max(mask, 1, true)), 1));
});

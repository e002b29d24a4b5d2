/** Pools the states of a sequence to one vector. */
import * as tf from "@tensorflow/tfjs-core";
import { maskedSoftmax, type Tensor2D, type Tensor3D } from "../compute/mod.ts";
import { linearLayer } from "./layers.ts";
import type { Params } from "./params.ts";

/**
 * Attention pooling (weighted pooling of Mirsamadi et al. 2017 without its recurrence). Returns the weights α
 * = softmax(w·h + b) over the real positions, `[B,L]`, and the vector Σ α h, `[B,D]`. Both are 0 if there is
 * no real position. The scoring layer is `<name>.score`, from D to 1. With `kept` (see `keptDimensions`), the
 * states count as dropped, but no dropped copy of them is made.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { attentionPooling, linearInit, useEngine } from "@undertone/undertone/nn";
 *
 * await useEngine();
 * const params = linearInit(1, "pool.score", 4, 1);
 * const states = tf.ones<tf.Rank.R3>([2, 3, 4]), mask = tf.tensor2d([[1, 1, 0], [0, 0, 0]]);
 * attentionPooling(params, "pool", states, mask).pooled.print(); // a row of 1, a row of 0
 * ```
 */
export function attentionPooling(
  params: Params,
  name: string,
  states: Tensor3D,
  mask: Tensor2D,
  kept?: Tensor3D,
): { pooled: Tensor2D; weights: Tensor2D } {
  const scores = kept
    ? tf.add(
      tf.matMul(states, tf.mul(kept, params[`${name}.score.weight`]), false, true),
      params[`${name}.score.bias`],
    )
    : linearLayer(params, `${name}.score`, states);
  const weights = maskedSoftmax<Tensor2D>(tf.reshape(scores, mask.shape), mask);
  const pooled = weightedSum(weights, states);
  return { pooled: kept ? tf.mul(pooled, tf.squeeze<Tensor2D>(kept, [1])) : pooled, weights };
}

/**
 * Weighted sum over positions, Σ w h: weights `[B,L]` and states `[B,L,D]` to `[B,D]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { useEngine, weightedSum } from "@undertone/undertone/nn";
 *
 * await useEngine();
 * weightedSum(tf.tensor2d([[0.25, 0.75]]), tf.tensor3d([[[0], [4]]])).print(); // [[3]]
 * ```
 */
export const weightedSum = (weights: Tensor2D, states: Tensor3D): Tensor2D =>
  tf.squeeze(tf.matMul(tf.expandDims(weights, 1), states), [1]);

/**
 * Returns 1 if a row has the modality, else 0: mask `[B,L]` to `[B,1]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { presence } from "@undertone/undertone/nn";
 *
 * presence(tf.tensor2d([[1, 1, 0], [0, 0, 0]])).print(); // [[1], [0]]
 * ```
 */
export const presence = (mask: Tensor2D): Tensor2D => tf.max(mask, 1, true);

/** Layers as PyTorch has them, from parameters by name. */
import * as tf from "@tensorflow/tfjs-core";
import { layerNorm } from "./ops/layer_norm.ts";
import { linear } from "./ops/linear.ts";
import { maskedSoftmax } from "./ops/masked.ts";
import type { Params } from "./params.ts";

/** The linear layer `name`, `[...,in]` to `[...,out]`; without a bias where it has none. */
export function linearLayer<T extends tf.Tensor>(params: Params, name: string, x: T): T {
  const weight = params[`${name}.weight`] as tf.Variable<tf.Rank.R2>;
  return linear(x, weight, params[`${name}.bias`] as tf.Variable<tf.Rank.R1> | undefined) as T;
}

/** The layer norm `name` over the last axis. */
export function normLayer<T extends tf.Tensor>(params: Params, name: string, x: T, epsilon?: number): T {
  const [gamma, beta] = [params[`${name}.weight`], params[`${name}.bias`]] as tf.Variable<tf.Rank.R1>[];
  return layerNorm(x, gamma, beta, epsilon);
}

/**
 * Scaled dot-product attention over several heads (Vaswani et al. 2017): per head softmax(q kᵀ / √(D/heads)) v, heads
 * side by side. Projected `queries [B,Lq,D]`, `keys` and `values [B,Lk,D]`, and a `mask` broadcastable to
 * `[B,heads,Lq,Lk]` give the `context [B,Lq,D]` and the `map [B,heads,Lq,Lk]`, which `drop` may thin out before it weighs
 * the values. A `bias`, broadcastable as the mask is, is added to the scores q kᵀ / √(D/heads). A query without a single
 * key gets 0.
 */
export function attend({ queries, keys, values, mask, bias, heads, drop = (map) => map }: {
  queries: tf.Tensor3D;
  keys: tf.Tensor3D;
  values: tf.Tensor3D;
  mask: tf.Tensor;
  bias?: tf.Tensor;
  heads: number;
  drop?: (map: tf.Tensor4D) => tf.Tensor4D;
}): { context: tf.Tensor3D; map: tf.Tensor4D } {
  const [batch, length, width] = queries.shape;
  const perHead = (x: tf.Tensor3D): tf.Tensor4D =>
    tf.transpose(tf.reshape(x, [batch, x.shape[1], heads, width / heads]), [0, 2, 1, 3]);
  const q = tf.mul(perHead(queries), 1 / Math.sqrt(width / heads));
  const scores = tf.matMul(q, perHead(keys), false, true) as tf.Tensor4D;
  const map = maskedSoftmax(bias ? tf.add(scores, bias) as tf.Tensor4D : scores, mask);
  const context = tf.transpose(tf.matMul(drop(map), perHead(values)), [0, 2, 1, 3]);
  return { context: tf.reshape(context, [batch, length, width]), map };
}

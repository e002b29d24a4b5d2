/** Layers as PyTorch has them, from parameters by name. */
import * as tf from "@tensorflow/tfjs-core";
import type { ForwardContext } from "./drawn.ts";
import { dropout } from "./dropout.ts";
import { layerNorm } from "./ops/layer_norm.ts";
import { linear } from "./ops/linear.ts";
import { maskedSoftmax } from "./ops/masked.ts";
import { scaledMatMul } from "./ops/products.ts";
import type { Params } from "./params.ts";

/**
 * The linear layer `name`, `[...,in]` to `[...,out]`; without a bias where it has none. Where the context says so and it
 * has one, with its low-rank change (Hu et al. 2021): W x + b + scale B A dropout(x), `A [r,in]` and `B [out,r]`.
 */
export function linearLayer<T extends tf.Tensor>(
  params: Params,
  name: string,
  x: T,
  context?: ForwardContext,
): T {
  const weight = (end: string) => params[`${name}.${end}.weight`] as tf.Variable<tf.Rank.R2> | undefined;
  const whole = params[`${name}.weight`] as tf.Variable<tf.Rank.R2>;
  const y = linear(x, whole, params[`${name}.bias`] as tf.Variable<tf.Rank.R1> | undefined) as T;
  const down = weight("lora_A"), up = weight("lora_B");
  if (!context?.lora || !down || !up) return y;
  const change = linear(linear(dropout(x, context.lora.dropout, context), down), up);
  return tf.add(y, tf.mul(change, context.lora.scale));
}

/** The layer norm `name` over the last axis. */
export function normLayer<T extends tf.Tensor>(params: Params, name: string, x: T, epsilon?: number): T {
  const [gamma, beta] = [params[`${name}.weight`], params[`${name}.bias`]] as tf.Variable<tf.Rank.R1>[];
  return layerNorm(x, gamma, beta, epsilon);
}

/** Splits the last axis over heads: `[B,L,D]` to `[B,heads,L,D/heads]`. */
const perHead = (x: tf.Tensor3D, heads: number): tf.Tensor4D => {
  const [batch, length, width] = x.shape;
  return tf.transpose(tf.reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
};

/**
 * How much each query attends to each key, per head softmax(q kᵀ / √(D/heads)): projected `queries [B,Lq,D]`, `keys
 * [B,Lk,D]` and a `mask` broadcastable to `[B,heads,Lq,Lk]` give the map of that shape. A `bias`, broadcastable as well, is
 * added to what goes into the softmax. A query without a single key gets 0.
 */
export function attentionMap({ queries, keys, mask, bias, heads }: {
  queries: tf.Tensor3D;
  keys: tf.Tensor3D;
  mask: tf.Tensor;
  bias?: tf.Tensor;
  heads: number;
}): tf.Tensor4D {
  const scale = 1 / Math.sqrt(queries.shape[2] / heads);
  const scores = scaledMatMul(perHead(queries, heads), perHead(keys, heads), { transposeB: true, scale });
  return maskedSoftmax(bias ? tf.add(scores, bias) : scores, mask);
}

/**
 * Scaled dot-product attention over several heads (Vaswani et al. 2017): per head the `map` (see `attentionMap`) times v,
 * heads side by side. Projected `queries [B,Lq,D]`, `keys` and `values [B,Lk,D]`, and a `mask` (and `bias`) broadcastable to
 * `[B,heads,Lq,Lk]` give the `context [B,Lq,D]` and the `map [B,heads,Lq,Lk]`, which `drop` may thin out before it weighs
 * the values. A query without a single key gets 0.
 */
export function attend({ values, drop = (map) => map, ...asking }: {
  queries: tf.Tensor3D;
  keys: tf.Tensor3D;
  values: tf.Tensor3D;
  mask: tf.Tensor;
  bias?: tf.Tensor;
  heads: number;
  drop?: (map: tf.Tensor4D) => tf.Tensor4D;
}): { context: tf.Tensor3D; map: tf.Tensor4D } {
  const map = attentionMap(asking);
  const context = tf.transpose(tf.matMul(drop(map), perHead(values, asking.heads)), [0, 2, 1, 3]);
  return { context: tf.reshape(context, asking.queries.shape), map };
}

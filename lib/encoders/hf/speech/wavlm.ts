import * as tf from "@tensorflow/tfjs-core";
import { linear, type Params } from "../../../nn/mod.ts";
import type { Shapes } from "../weights.ts";
import { type SpeechConfig, speechConfig } from "./settings.ts";
import type { AttentionBias, SpeechFamily } from "./family.ts";

/** The bias of each distance, a parameter of the first layer that all layers share. */
const TABLE = "encoder.layers.0.attention.rel_attn_embed.weight";

/**
 * WavLM (Chen et al. 2022): wav2vec 2.0's architecture with an attention bias for the distance of two frames.
 * Each layer and head scales the bias by a gate that depends on its input.
 */
export const wavlm: SpeechFamily = { id: "wavlm", prefix: "wavlm.", settings: speechConfig, shapes, bias };

function shapes(config: SpeechConfig): Shapes {
  const { hidden_size, num_attention_heads: heads, num_buckets, num_hidden_layers } = config;
  const shapes: Shapes = { [TABLE]: [num_buckets, heads] };
  for (let i = 0; i < num_hidden_layers; i++) {
    const name = `encoder.layers.${i}.attention`;
    shapes[`${name}.gru_rel_pos_const`] = [1, heads, 1, 1];
    shapes[`${name}.gru_rel_pos_linear.weight`] = [8, hidden_size / heads];
    shapes[`${name}.gru_rel_pos_linear.bias`] = [8];
  }
  return shapes;
}

function bias(params: Params, config: SpeechConfig, length: number): AttentionBias {
  return {
    shared: distances(params[TABLE], config, length),
    of: (layer, x, shared) => tf.mul(gate(params, `${layer}.attention`, x, config), shared),
  };
}

/**
 * Returns the bias of each pair of frames, `[heads,L,L]`: bias[h, i, j] = table[bucket(j - i), h]. Each
 * query's row is the row of all distances, shifted by one, so the table is looked up only once per distance.
 */
function distances(table: tf.Tensor, config: SpeechConfig, length: number): tf.Tensor3D {
  const { num_attention_heads: heads, max_bucket_distance: far } = config, period = 2 * length;
  // Distances 0 to L - 1, one that does not occur, and -(L - 1) to -1: row i starts i before its end.
  const all = tf.concat([tf.range(0, length), tf.range(-length, 0)]);
  const buckets = Array.from({ length: 2 * far + 1 }, (_, i) => bucketOf(i - far, config));
  const places = tf.cast(tf.add(tf.clipByValue(all, -far, far), far), "int32"); // farther ones share a bucket
  const row = tf.transpose(tf.gather(table, tf.gather(tf.tensor1d(buckets, "int32"), places))); // [heads,2L]
  const rows = tf.slice(tf.tile(row, [1, length]), [0, 0], [-1, length * (period - 1)]);
  return tf.slice(tf.reshape(rows, [heads, length, period - 1]), [0, 0, 0], [-1, -1, length]) as tf.Tensor3D;
}

/**
 * Returns the bucket of a distance. Each near distance has its own; far ones share buckets that widen up to
 * `max_bucket_distance`.
 */
export function bucketOf(
  distance: number,
  { num_buckets, max_bucket_distance }: Pick<SpeechConfig, "num_buckets" | "max_bucket_distance">,
): number {
  const oneSide = num_buckets >> 1, exact = oneSide >> 1, far = Math.abs(distance);
  const base = distance > 0 ? oneSide : 0;
  if (far < exact) return base + far;
  // The reference computes this logarithm in float32, and rounding decides where a bucket ends.
  const log = Math.fround(Math.log(Math.fround(far / exact)));
  const share = Math.fround(log / Math.fround(Math.log(max_bucket_distance / exact)));
  const bucket = Math.trunc(Math.fround(exact + Math.fround(share * (oneSide - exact))));
  return base + Math.min(bucket, oneSide - 1);
}

/**
 * Returns the gate a (b c - 1) + 2, `[B,heads,L,1]`, where a and b are sigmoids of linear functions of the
 * head's part of x.
 */
function gate(params: Params, name: string, x: tf.Tensor3D, config: SpeechConfig): tf.Tensor4D {
  const [batch, length, width] = x.shape, heads = config.num_attention_heads, size = width / heads;
  const parameter = (end: string): tf.Tensor => params[`${name}.${end}`];
  // a and b each are a sum of four outputs of the linear layer. Summing the weights first gives the same.
  const weight: tf.Tensor2D = tf.sum(tf.reshape(parameter("gru_rel_pos_linear.weight"), [2, 4, size]), 1);
  const offset: tf.Tensor1D = tf.sum(tf.reshape(parameter("gru_rel_pos_linear.bias"), [2, 4]), 1);
  const both = tf.sigmoid(linear(tf.reshape(x, [batch, length, heads, size]), weight, offset));
  const [a, b] = tf.split(both, 2, 3);
  const constant = tf.reshape(parameter("gru_rel_pos_const"), [heads, 1]);
  const open = tf.add(tf.mul(a, tf.sub(tf.mul(b, constant), 1)), 2);
  return tf.transpose(open, [0, 2, 1, 3]) as tf.Tensor4D;
}

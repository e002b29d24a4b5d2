/** Spans of time and of features that training does not see (Park et al. 2019; in time as wav2vec 2.0 has it). */
import * as tf from "@tensorflow/tfjs-core";
import { type Draw, drawn, type ForwardContext, type Params } from "../../../compute/mod.ts";
import { random, seedOf } from "../../../random.ts";
import type { SpeechConfig } from "./config.ts";

/** Stands for what is masked in time. */
export const MASKED = "masked_spec_embed";

/**
 * Features `[B,L,D]` as training sees them: frames of masked spans are the learned embedding, features of masked spans 0.
 * `frames` `[B]` is the number of each row's own; a row's spans depend on its place in the batch and on its own frames alone.
 */
export function specAugment(
  params: Params,
  x: tf.Tensor3D,
  frames: tf.Tensor1D,
  config: SpeechConfig,
  context: ForwardContext,
): tf.Tensor3D {
  if (!context.training || !config.apply_spec_augment) return x;
  const [batch, length, width] = x.shape;
  let seen = x;
  if (config.mask_time_prob > 0) {
    const { mask_time_length: span, mask_time_prob: share, mask_time_min_masks: fewest } = config;
    const mask = tf.expandDims(spans(frames, length, { span, share, fewest }, context), 2); // [B,L,1]
    const embedding: tf.Tensor = params[MASKED];
    seen = tf.add(tf.mul(seen, tf.sub(1, mask)), tf.mul(embedding, mask));
  }
  if (config.mask_feature_prob > 0) {
    const { mask_feature_length: span, mask_feature_prob: share, mask_feature_min_masks: fewest } = config;
    const mask = spans(tf.fill([batch], width), width, { span, share, fewest }, context);
    seen = tf.mul(seen, tf.sub(1, tf.expandDims(mask, 1)));
  }
  return seen;
}

/** How long spans are, what share of all positions they were did none overlap, and how many there are at least. */
export interface Spans {
  span: number;
  share: number;
  fewest: number;
}

/**
 * 1 in spans among the first `own` `[B]` of `length` positions, else 0: `[B,length]`. Their starts are drawn without
 * replacement; their number is rounded up or down by chance, and no more than there is room for.
 */
export function spans(
  own: tf.Tensor1D,
  length: number,
  { span, share, fewest }: Spans,
  context: ForwardContext,
): tf.Tensor2D {
  const rows = own.shape[0], count: tf.Tensor = tf.reshape(own, [rows, 1]);
  const draws = drawn([rows, 1 + length], context, uniform(rows));
  const [chance, order] = tf.split(draws, [1, length], 1); // rounds the number; the smallest are where spans start
  const starts = tf.maximum(tf.sub(count, span - 1), 0);
  const wanted = tf.maximum(tf.floor(tf.add(tf.mul(count, share / span), chance)), fewest);
  const most = tf.minimum(tf.minimum(wanted, tf.floor(tf.div(count, span))), starts); // [B,1]
  const possible = tf.less(tf.range(0, length), starts);
  const ranked = tf.where(possible, order, 2);
  const before = tf.less(tf.expandDims(ranked, 1), tf.expandDims(ranked, 2)); // [B,L,L]
  const rank = tf.sum(tf.cast(before, "float32"), 2);
  const begun = tf.mul(tf.cast(possible, "float32"), tf.cast(tf.less(rank, most), "float32"));
  return tf.cast(tf.greater(tf.matMul(begun, reach(length, span)), 0), "float32") as tf.Tensor2D;
}

/** Uniform numbers, those of each row from a stream of its own. */
const uniform = (rows: number): Draw => (into, keys) => {
  const key = keys.next(), width = into.length / rows;
  for (let row = 0; row < rows; row++) {
    const draw = random(seedOf(key, row));
    for (let i = 0; i < width; i++) into[row * width + i] = draw.uniform();
  }
};

/** 1 where position t is in a span that starts at s: `[s,t]`. */
function reach(length: number, span: number): tf.Tensor2D {
  const matrix = new Float32Array(length * length);
  for (let s = 0; s < length; s++) matrix.fill(1, s * length + s, s * length + Math.min(length, s + span));
  return tf.tensor2d(matrix, [length, length]);
}

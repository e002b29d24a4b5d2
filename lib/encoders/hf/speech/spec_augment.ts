/**
 * SpecAugment: hides spans of time and of features in training (Park et al. 2019; in time as in wav2vec 2.0).
 */
import * as tf from "@tensorflow/tfjs-core";
import { type ForwardContext, type Params, randomTensor } from "../../../nn/mod.ts";
import { randomWords, seedOf } from "../../../random.ts";
import type { SpeechConfig } from "./settings.ts";

/** Name of the embedding that replaces masked frames. */
export const MASKED = "masked_spec_embed";

/**
 * How much is masked: spans of `span` positions, enough for a `share` of all positions if they did not
 * overlap, at least `fewest`.
 */
export interface Spans {
  span: number;
  share: number;
  fewest: number;
}

/**
 * Returns features `[B,L,D]` with spans masked in training: masked frames become the learned embedding,
 * masked features become 0. A row's spans depend only on its place in the batch and on its own frames, those
 * of `mask [B,L]`.
 */
export function specAugment(
  params: Params,
  x: tf.Tensor3D,
  mask: tf.Tensor2D,
  config: SpeechConfig,
  context: ForwardContext,
): tf.Tensor3D {
  const { times, features } = maskedSpans(tf.sum(mask, 1, true), x.shape, config, context);
  let seen = x;
  if (times) {
    const masked = tf.expandDims(times, 2), embedding: tf.Tensor = params[MASKED];
    seen = tf.add(tf.mul(seen, tf.sub(1, masked)), tf.mul(embedding, masked));
  }
  return features ? tf.mul(seen, tf.expandDims(tf.sub(1, features), 1)) : seen;
}

/** The keys of `config.json` that say how much is masked. */
export type SpecAugment = Pick<
  SpeechConfig,
  | "apply_spec_augment"
  | "mask_time_prob"
  | "mask_time_length"
  | "mask_time_min_masks"
  | "mask_feature_prob"
  | "mask_feature_length"
  | "mask_feature_min_masks"
>;

/**
 * Draws what training masks in `[B,L,D]`, where rows have `lengths [B,1]`: spans of time `[B,L]` and of
 * features `[B,D]`, 1 where masked. Either is absent if nothing is masked.
 */
export function maskedSpans(
  lengths: tf.Tensor2D,
  [batch, length, width]: readonly [number, number, number],
  config: SpecAugment,
  context: ForwardContext,
): { times?: tf.Tensor2D; features?: tf.Tensor2D } {
  if (!context.training || !config.apply_spec_augment) return {};
  const { mask_time_prob, mask_feature_prob } = config;
  return {
    times: mask_time_prob > 0 ? spanMask(lengths, length, timeSpans(config), context) : undefined,
    features: mask_feature_prob > 0
      ? spanMask(tf.fill([batch, 1], width), width, featureSpans(config), context)
      : undefined,
  };
}

const timeSpans = (config: SpecAugment): Spans => ({
  span: config.mask_time_length,
  share: config.mask_time_prob,
  fewest: config.mask_time_min_masks,
});

const featureSpans = (config: SpecAugment): Spans => ({
  span: config.mask_feature_length,
  share: config.mask_feature_prob,
  fewest: config.mask_feature_min_masks,
});

/**
 * Returns `[B,most]`: 1 in the spans, which lie within each row's first `lengths [B,1]` positions, else 0.
 * The number of spans is rounded up or down at random and limited to as many as fit side by side; a row
 * shorter than one span has none. Starts are drawn independently, so two may coincide; the reference draws
 * without replacement.
 */
export function spanMask(
  lengths: tf.Tensor2D,
  most: number,
  { span, share, fewest }: Spans,
  context: ForwardContext,
): tf.Tensor2D {
  const batch = lengths.shape[0];
  const slots = Math.min(Math.floor(most / span), Math.max(fewest, Math.floor(share * most / span) + 1));
  if (slots === 0) return tf.zeros([batch, most]);
  const draws = uniform(batch, slots + 1, context);
  const chance = tf.slice(draws, [0, 0], [-1, 1]), places = tf.slice(draws, [0, 1], [-1, slots]);
  const wanted = tf.maximum(tf.floor(tf.add(tf.mul(lengths, share / span), chance)), fewest);
  const count = tf.minimum(wanted, tf.floor(tf.div(lengths, span)));
  const taken = tf.cast(tf.less(tf.range(0, slots), count), "float32"); // [B,slots]
  const starts = tf.floor(tf.mul(places, tf.add(tf.sub(lengths, span), 1)));
  const offsets = tf.sub(tf.range(0, most), tf.expandDims(starts, 2)); // [B,slots,most]
  const inside = tf.logicalAnd(tf.greaterEqual(offsets, 0), tf.less(offsets, span));
  return tf.max(tf.mul(tf.cast(inside, "float32"), tf.expandDims(taken, 2)), 1);
}

/**
 * Draws `[B,count]` uniform numbers in [0, 1) of 24 bits, which float32 holds exactly. Each row has its own
 * stream.
 */
const uniform = (batch: number, count: number, context: ForwardContext) =>
  randomTensor([batch, count], context, (into, keys) => {
    const key = keys.next();
    for (let row = 0; row < batch; row++) {
      const words = randomWords(seedOf(key, row), count);
      words.forEach((word, i) => into[row * count + i] = (word >>> 8) / 2 ** 24);
    }
  });

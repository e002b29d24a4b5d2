/** Spans of time and of features that training does not see (Park et al. 2019; in time as wav2vec 2.0 has it). */
import * as tf from "@tensorflow/tfjs-core";
import type { ForwardContext, Params } from "../../../compute/mod.ts";
import { type Random, random, seedOf } from "../../../random.ts";
import type { SpeechConfig } from "./config.ts";

/** Stands for what is masked in time. */
export const MASKED = "masked_spec_embed";

/**
 * Features `[B,L,D]` as training sees them: frames of masked spans are the learned embedding, features of masked spans 0.
 * `frames` is the number of each row's own; a row's spans depend on its place in the batch and on its own frames alone.
 */
export function specAugment(
  params: Params,
  x: tf.Tensor3D,
  frames: readonly number[],
  config: SpeechConfig,
  context: ForwardContext,
): tf.Tensor3D {
  if (!context.training || !config.apply_spec_augment) return x;
  const [batch, length, width] = x.shape;
  let seen = x;
  if (config.mask_time_prob > 0) {
    const { mask_time_length, mask_time_prob, mask_time_min_masks } = config;
    const masked = rows(
      batch,
      length,
      context.dropout.next(),
      (row, draw) => spans(frames[row], mask_time_length, mask_time_prob, mask_time_min_masks, draw),
    );
    const mask = tf.tensor(masked, [batch, length, 1]);
    const embedding: tf.Tensor = params[MASKED];
    seen = tf.add(tf.mul(seen, tf.sub(1, mask)), tf.mul(embedding, mask));
  }
  if (config.mask_feature_prob > 0) {
    const { mask_feature_length, mask_feature_prob, mask_feature_min_masks } = config;
    const masked = rows(
      batch,
      width,
      context.dropout.next(),
      (_, draw) => spans(width, mask_feature_length, mask_feature_prob, mask_feature_min_masks, draw),
    );
    seen = tf.mul(seen, tf.sub(1, tf.tensor(masked, [batch, 1, width])));
  }
  return seen;
}

/** A mask for each row of a batch, padded with 0. */
function rows(
  batch: number,
  length: number,
  key: number,
  mask: (row: number, draw: Random) => Float32Array,
): Float32Array {
  const masks = new Float32Array(batch * length);
  for (let row = 0; row < batch; row++) masks.set(mask(row, random(seedOf(key, row))), row * length);
  return masks;
}

/**
 * 1 in spans of `span` among `length` positions, else 0. Their starts are drawn without replacement; there are so many
 * that, did none overlap, `share` of all positions were masked: rounded up or down by chance, at least `fewest`, and no
 * more than there is room for.
 */
export function spans(
  length: number,
  span: number,
  share: number,
  fewest: number,
  draw: Random,
): Float32Array {
  const mask = new Float32Array(length), starts = Math.max(0, length - span + 1);
  const wanted = Math.max(fewest, Math.floor(share * length / span + draw.uniform()));
  const count = Math.min(wanted, Math.floor(length / span), starts);
  for (const start of draw.shuffle(Array.from({ length: starts }, (_, i) => i)).slice(0, count)) {
    mask.fill(1, start, start + span);
  }
  return mask;
}

/** Mixup in the forward pass: the second half of a batch are the rows that the first half is mixed with. */
import * as tf from "@tensorflow/tfjs-core";
import type { Feed } from "../compute/mod.ts";
import { MODALITIES } from "./model_encoders.ts";

/** The share `[B]` of each row's own states; the other inputs then have 2B rows. */
const SHARE = "mixShare";

/** Returns the input that mixes rows by these shares, 0 to 1. */
export const mixFeed = (shares: readonly number[]): Feed => ({
  [SHARE]: { data: Float32Array.from(shares), shape: [shares.length] },
});

/**
 * Mixes hidden states: share · own + (1 - share) · other. A position that only one of the two has keeps its
 * share of it; a mask is 1 where either is real and has a share above 0. Returns inputs without shares
 * unchanged.
 */
export function withMixed(
  { [SHARE]: share, ...inputs }: Record<string, tf.Tensor>,
): Record<string, tf.Tensor> {
  if (!share) return inputs;
  const mixed = { ...inputs },
    positive = (x: tf.Tensor) => tf.expandDims(tf.cast(tf.greater(x, 0), "float32"), 1);
  const ownCounts = positive(share), otherCounts = positive(tf.sub(1, share));
  for (const modality of MODALITIES) {
    const maskName = `${modality}Mask`, states = inputs[modality], mask = inputs[maskName];
    const [own, other] = tf.split(tf.mul(states, tf.expandDims(mask, 2)), 2, 0);
    const of = tf.reshape(share, [-1, 1, 1]);
    mixed[modality] = tf.add(tf.mul(own, of), tf.mul(other, tf.sub(1, of)));
    const [ownMask, otherMask] = tf.split(mask, 2, 0);
    mixed[maskName] = tf.maximum(tf.mul(ownMask, ownCounts), tf.mul(otherMask, otherCounts));
  }
  return mixed;
}

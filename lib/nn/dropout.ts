import * as tf from "@tensorflow/tfjs-core";
import { type Draw, drawMask, type Tensor, type Tensor2D, type Tensor3D } from "../compute/mod.ts";
import { type ForwardContext, randomTensor } from "./context.ts";

/**
 * Inverted dropout for any shape: zeroes each value with probability `rate` and scales the rest by
 * 1 / (1 - rate). Each draw uses 16 random bits, so the rate is rounded to a multiple of 2^-16. `shape` is
 * the shape of the mask: an axis of length 1 in it is dropped or kept as a whole.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { dropout, dropoutKeys } from "@undertone/undertone/nn";
 *
 * const context = { training: true, dropout: dropoutKeys(1, 0) };
 * dropout(tf.ones([2, 4]), 0.5, context).print(); // about half of them 0, the rest 2
 * ```
 */
export function dropout<T extends Tensor>(
  x: T,
  rate: number,
  context: ForwardContext,
  shape: readonly number[] = x.shape,
): T {
  if (!context.training || rate === 0) return x;
  const draw: Draw = (into, keys) => drawMask(into, keys.next(), rate);
  return tf.mul(x, randomTensor(shape, context, draw)) as T;
}

/**
 * Drops whole dimensions of the states `[B,L,D]` in training, with one mask for all positions of an utterance
 * (after Gal & Ghahramani 2016). Pooling would average out drops at single positions. The mean of dropped
 * states is the dropped mean: take the mean first, and drop `[B,D]`, which draws the same numbers.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { dropDimensions, dropoutKeys } from "@undertone/undertone/nn";
 *
 * const states = tf.ones<tf.Rank.R3>([2, 5, 4]); // [B,L,D]
 * dropDimensions(states, 0.3, { training: true, dropout: dropoutKeys(1, 0) }).print();
 * ```
 */
export const dropDimensions = <States extends Tensor2D | Tensor3D>(
  states: States,
  rate: number,
  context: ForwardContext,
): States =>
  dropout(states, rate, context, states.shape.map((size, axis) => axis === 1 && states.rank > 2 ? 1 : size));

/**
 * Returns the mask of `dropDimensions` instead of dropping: `[B,1,D]`, 0 for a dropped dimension and
 * 1 / (1 - rate) for a kept one. Undefined if nothing is dropped.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { inference, keptDimensions } from "@undertone/undertone/nn";
 *
 * const states = tf.ones<tf.Rank.R3>([2, 5, 4]);
 * if (keptDimensions(states, 0.3, inference)) throw new Error("dropped outside training");
 * ```
 */
export const keptDimensions = (
  states: Tensor3D,
  rate: number,
  context: ForwardContext,
): Tensor3D | undefined =>
  !context.training || rate === 0
    ? undefined
    : dropout(tf.ones<tf.Rank.R3>([states.shape[0], 1, states.shape[2]]), rate, context);

/**
 * Applies `dropDimensions` to both modalities.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { dropStates, inference } from "@undertone/undertone/nn";
 *
 * const input = { text: tf.ones<tf.Rank.R3>([2, 5, 4]), audio: tf.ones<tf.Rank.R3>([2, 9, 3]) };
 * const { text, audio } = dropStates(input, 0.3, inference); // as they were, outside training
 * ```
 */
export const dropStates = <States extends Tensor2D | Tensor3D>(
  { text, audio }: { text: States; audio: States },
  rate: number,
  context: ForwardContext,
): { text: States; audio: States } => ({
  text: dropDimensions(text, rate, context),
  audio: dropDimensions(audio, rate, context),
});

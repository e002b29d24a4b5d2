import * as tf from "@tensorflow/tfjs-core";
import { randomWords, seedOf } from "../random.ts";

/** Gives each dropout of a forward pass its own key, the same one whenever seed, step and order of calls are the same. */
export interface DropoutKeys {
  next(): number;
}

/** What a forward pass needs to know beside its inputs. */
export interface ForwardContext {
  training: boolean;
  /** Source of dropout masks; unused outside training. */
  dropout: DropoutKeys;
}

/** Keys of one training step. */
export function dropoutKeys(seed: number, step: number): DropoutKeys {
  let call = 0;
  return { next: () => seedOf(seed, step, call++) };
}

/**
 * Inverted dropout: zeroes each value with probability `rate` and scales the rest by 1 / (1 - rate). Any shape. Half a
 * word decides, so that the rate is rounded to a multiple of 2^-16. `drawn` is the shape that draws are made for: an axis
 * of 1 in it falls or stays as a whole.
 */
export function dropout<T extends tf.Tensor>(
  x: T,
  rate: number,
  context: ForwardContext,
  drawn: readonly number[] = x.shape,
): T {
  if (!context.training || rate === 0) return x;
  const size = drawn.reduce((a, b) => a * b, 1);
  const draws = new Uint16Array(randomWords(context.dropout.next(), Math.ceil(size / 2)).buffer);
  const threshold = Math.round(rate * 2 ** 16), scale = 1 / (1 - threshold / 2 ** 16);
  const mask = new Float32Array(size);
  for (let i = 0; i < size; i++) mask[i] = draws[i] < threshold ? 0 : scale;
  return tf.mul(x, tf.tensor(mask, [...drawn])) as T;
}

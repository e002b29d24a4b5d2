import * as tf from "@tensorflow/tfjs-core";
import { type Draw, drawn, type ForwardContext } from "./drawn.ts";
import { drawMask } from "./mask.ts";

/**
 * Inverted dropout: zeroes each value with probability `rate` and scales the rest by 1 / (1 - rate). Any shape. Half a
 * word decides, so that the rate is rounded to a multiple of 2^-16. `shape` is that for which draws are made: an axis of 1
 * in it falls or stays as a whole.
 */
export function dropout<T extends tf.Tensor>(
  x: T,
  rate: number,
  context: ForwardContext,
  shape: readonly number[] = x.shape,
): T {
  if (!context.training || rate === 0) return x;
  const draw: Draw = (into, keys) => drawMask(into, keys.next(), rate);
  return tf.mul(x, drawn(shape, context, draw)) as T;
}

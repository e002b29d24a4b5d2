/** What a forward pass is told beside its inputs, and where its random numbers come from. */
import type { Tensor } from "@tensorflow/tfjs-core";
import { type Draw, type DrawKeys, fillTensor } from "../compute/mod.ts";
import { seedOf } from "../random.ts";

/** Gives each draw of a forward pass its own key, the same one whenever seed, step and order of calls are the same. */
export type DropoutKeys = DrawKeys;

/** What a forward pass needs to know beside its inputs. */
export interface ForwardContext {
  /** Whether dropout and the like are on. */
  training: boolean;
  /** Source of dropout masks and of whatever else is random; unused outside training. */
  dropout: DropoutKeys;
  /** Compute layers again for their gradients instead of keeping what is inside them. */
  gradientCheckpointing?: boolean;
  /** What low-rank changes of linear layers count, and the rate of dropout before them. */
  lora?: { scale: number; dropout: number };
}

/**
 * Keys of one training step.
 *
 * @example
 * ```ts
 * import { type ForwardContext, dropoutKeys } from "@undertone/undertone/nn";
 *
 * const seed = 1, step = 0;
 * const context: ForwardContext = { training: true, dropout: dropoutKeys(seed, step) };
 * ```
 */
export function dropoutKeys(seed: number, step: number): DropoutKeys {
  let call = 0;
  return { next: () => seedOf(seed, step, call++) };
}

/**
 * The context of a prediction: nothing is dropped, nothing is drawn.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { dropout, inference } from "@undertone/undertone/nn";
 *
 * const x = tf.ones([2, 3]);
 * if (dropout(x, 0.5, inference) !== x) throw new Error("dropped outside training");
 * ```
 */
export const inference: ForwardContext = {
  training: false,
  dropout: {
    next() {
      throw new Error("A forward pass outside training asked for a dropout key.");
    },
  },
};

/**
 * A float32 tensor of this shape, filled by `draw` from the context's keys: noise that is drawn anew at each step, and that
 * a captured step draws anew too.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { dropoutKeys, randomTensor } from "@undertone/undertone/nn";
 *
 * const context = { training: true, dropout: dropoutKeys(1, 0) };
 * const flips = randomTensor([4], context, (into, keys) => into.forEach((_, i) => into[i] = keys.next() % 2));
 * tf.dispose(flips);
 * ```
 */
export const randomTensor = (shape: readonly number[], context: ForwardContext, draw: Draw): Tensor =>
  fillTensor(shape, context.dropout, draw);

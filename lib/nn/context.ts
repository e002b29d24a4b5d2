/** The context of a forward pass, and its source of random numbers. */
import type { Tensor } from "@tensorflow/tfjs-core";
import { type Draw, type DrawKeys, fillTensor } from "../compute/mod.ts";
import { seedOf } from "../random.ts";

/** Gives each draw of a forward pass its own key. Equal seed, step and order of calls give equal keys. */
export type DropoutKeys = DrawKeys;

/** The settings of a forward pass besides its inputs. */
export interface ForwardContext {
  /** Whether this is training, with dropout on. */
  training: boolean;
  /** Source of keys for dropout masks and other random numbers; unused outside training. */
  dropout: DropoutKeys;
  /**
   * Whether to use gradient checkpointing: compute layers again for their gradients, to keep less in memory.
   */
  gradientCheckpointing?: boolean;
  /** Scale of the LoRA change to a linear layer, and the dropout rate before it. */
  lora?: { scale: number; dropout: number };
}

/**
 * Returns the dropout keys of one training step.
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
 * The context of a prediction: no dropout, no random numbers.
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
 * Returns a float32 tensor of this shape that `draw` fills, using the context's keys. Each step draws it
 * anew, captured or not.
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

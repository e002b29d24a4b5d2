/** The optimisers of optimizer.ts as graph operations, for engines that keep tensors on a device. */
import * as tf from "@tensorflow/tfjs-core";

/** A parameter and its optimiser slots on the device, before or after a step. */
export type OnDevice = {
  value: tf.Tensor;
  slots: Record<string, tf.Tensor>;
};

export interface RecordSettings {
  lr: number;
  weightDecay: number;
  /** Number of this update, from 1. */
  step: number;
}

/** An update in two parts: numbers that change from step to step, and operations that do not. */
export interface Recorded {
  /**
   * Returns the numbers of an update by name. They are inputs of the graph: as constants, they would make
   * each step compile again. Settings that give the same names give the same operations.
   */
  numbers(settings: RecordSettings): Record<string, number>;
  /** Returns the parameter and its slots after an update. `scale` is a factor on the gradient. */
  update(
    before: OnDevice,
    gradient: tf.Tensor,
    numbers: Readonly<Record<string, tf.Tensor>>,
    scale: tf.Tensor,
  ): OnDevice;
}

/** Adam and AdamW; `adamLoop` in optimizer.ts gives the formula. */
export const recordedAdam = (
  { beta1, beta2, eps }: { beta1: number; beta2: number; eps: number },
  decoupled: boolean,
): Recorded => ({
  numbers: ({ lr, weightDecay, step }) => ({
    ...weightDecay !== 0 && (decoupled ? { kept: 1 - lr * weightDecay } : { decay: weightDecay }),
    ...{ beta1, rest1: 1 - beta1, beta2, rest2: 1 - beta2, eps },
    unbias: 1 / Math.sqrt(1 - beta2 ** step),
    rate: lr / (1 - beta1 ** step),
  }),

  update({ value, slots: { exp_avg, exp_avg_sq } }, gradient, numbers, scale) {
    const { kept, decay, beta1, rest1, beta2, rest2, eps, unbias, rate } = numbers;
    const scaled = tf.mul(gradient, scale), g = decay ? tf.add(scaled, tf.mul(value, decay)) : scaled;
    const mean = tf.add(tf.mul(exp_avg, beta1), tf.mul(g, rest1));
    const square = tf.add(tf.mul(exp_avg_sq, beta2), tf.mul(tf.square(g), rest2));
    const change = tf.div(tf.mul(mean, rate), tf.add(tf.mul(tf.sqrt(square), unbias), eps));
    return {
      value: tf.sub(kept ? tf.mul(value, kept) : value, change),
      slots: { exp_avg: mean, exp_avg_sq: square },
    };
  },
});

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
  /** Factor on the gradient. The graph computes it too. */
  scale: tf.Scalar;
  /** Number of this update, from 1. */
  step: number;
  /**
   * Makes a number an input of the graph. As a constant, a number that changes at each step would make each
   * step compile again. Equal values under one name share an input. Different names never share one, even if
   * their values happen to be equal.
   */
  number(name: string, value: number): tf.Scalar;
}

/** Returns the parameter and its slots after an update with `gradient`. */
export type Recorded = (before: OnDevice, gradient: tf.Tensor, settings: RecordSettings) => OnDevice;

/** Adam and AdamW; `adamLoop` in optimizer.ts gives the formula. */
export function recordedAdam(
  { beta1, beta2, eps }: { beta1: number; beta2: number; eps: number },
  decoupled: boolean,
): Recorded {
  return (
    { value, slots: { exp_avg, exp_avg_sq } },
    gradient,
    { lr, weightDecay, scale, step, number },
  ) => {
    const scaled = tf.mul(gradient, scale);
    const g = decoupled || !weightDecay
      ? scaled
      : tf.add(scaled, tf.mul(value, number("decay", weightDecay)));
    const mean = tf.add(tf.mul(exp_avg, number("beta1", beta1)), tf.mul(g, number("rest1", 1 - beta1)));
    const square = tf.add(
      tf.mul(exp_avg_sq, number("beta2", beta2)),
      tf.mul(tf.square(g), number("rest2", 1 - beta2)),
    );
    const deviation = tf.mul(tf.sqrt(square), number("unbias", 1 / Math.sqrt(1 - beta2 ** step)));
    const change = tf.div(
      tf.mul(mean, number("rate", lr / (1 - beta1 ** step))),
      tf.add(deviation, number("eps", eps)),
    );
    const kept = decoupled && weightDecay ? tf.mul(value, number("kept", 1 - lr * weightDecay)) : value;
    return { value: tf.sub(kept, change), slots: { exp_avg: mean, exp_avg_sq: square } };
  };
}

/**
 * Training steps for engines that keep tensors on a device: gradients, clipping and update are one graph, parameters and
 * optimiser slots stay where they are, and loss and norm alone come back.
 */
import * as tf from "@tensorflow/tfjs-core";
import { currentEngine, hostValues, type Params } from "../compute/mod.ts";
import type { OnDevice } from "./device_optimizer.ts";
import type { Loss } from "./losses.ts";
import type { Optimizer, ParameterState } from "./optimizer.ts";

export interface DeviceSettings {
  /** Bound on the gradient's global norm; 0 for none. */
  clip: number;
  /** Rate and decay in force for a parameter. */
  ratesOf(name: string): { lr: number; weightDecay: number };
  /** Throws where a step must not be taken: the parameters then stay what they are. */
  accept(loss: number, gradientNorm: number): void;
}

export interface DeviceSteps extends Disposable {
  /** One update from the mean over all rows of some batches: sums over these rows, and the norm of the mean's gradient. */
  step(
    training: Params,
    losses: readonly (() => Loss)[],
    settings: DeviceSettings,
  ): Promise<{ loss: number; weight: number; gradientNorm: number }>;
  /** What the optimiser remembers, as plain numbers. */
  states(): Promise<Record<string, ParameterState>>;
}

/** Steps that go on from `states`. */
export function deviceSteps(optimizer: Optimizer, states: Record<string, ParameterState>): DeviceSteps {
  const memory = new Map<string, { step: number; slots: OnDevice["slots"] }>();

  /** A parameter's slots as they are, or as they were before its first update. */
  const recall = (name: string, variable: tf.Variable) => {
    let state = memory.get(name);
    if (!state) {
      const { step, slots } = states[name] ?? optimizer.init(new Float32Array(variable.size));
      state = { step, slots: mapValues(slots, (values) => tf.tensor(values, variable.shape)) };
      memory.set(name, state);
    }
    return state;
  };

  return {
    async step(training, losses, { clip, ratesOf, accept }) {
      const sums = sumOf(training, losses), { weight } = sums;
      for (const name of Object.keys(sums.gradients)) recall(name, training[name]);
      const { after, report } = tf.tidy(() => {
        const number = once((value: number) => tf.scalar(value));
        const norm = tf.mul(globalNorm(Object.values(sums.gradients)), number(1 / weight));
        const scale = clipScale(norm, clip, weight, number);
        const after = mapValues(sums.gradients, (gradient, name) => {
          const { step, slots } = memory.get(name)!;
          return optimizer.record({ value: training[name], slots }, gradient, {
            ...ratesOf(name),
            scale,
            step: step + 1,
            number,
          });
        });
        return { after, report: tf.stack([sums.loss, norm]) };
      });
      tf.dispose([sums.loss, sums.gradients]);
      const [loss, gradientNorm] = await hostValues(report); // runs it all
      report.dispose();
      try {
        accept(loss / weight, gradientNorm);
      } catch (refused) {
        tf.dispose(Object.values(after).map(({ value, slots }) => [value, slots]));
        throw refused;
      }
      for (const [name, { value, slots }] of Object.entries(after)) {
        const state = memory.get(name)!;
        training[name].assign(value);
        tf.dispose([value, state.slots]);
        memory.set(name, { step: state.step + 1, slots });
      }
      return { loss, weight, gradientNorm };
    },

    async states() {
      const plain = { ...states };
      for (const [name, { step, slots }] of memory) {
        plain[name] = { step, slots: {} };
        for (const slot in slots) plain[name].slots[slot] = await hostValues(slots[slot]);
      }
      return plain;
    },

    [Symbol.dispose]() {
      for (const { slots } of memory.values()) tf.dispose(slots);
      memory.clear();
    },
  };
}

/** Loss and gradients, summed; one batch after the other, so that only one forward pass is in memory. */
function sumOf(params: Params, losses: readonly (() => Loss)[]) {
  const variables = Object.values(params);
  let loss: tf.Tensor | undefined, weight = 0;
  const gradients: Record<string, tf.Tensor> = {};
  for (const lossOf of losses) {
    if (loss) currentEngine().flush();
    const { value, grads } = tf.variableGrads(() => {
      const batch = lossOf();
      weight += batch.weight;
      return batch.sum;
    }, variables);
    loss = joined(loss, value);
    for (const name in params) {
      const gradient = grads[params[name].name];
      if (gradient) gradients[name] = joined(gradients[name], gradient);
    }
  }
  return { loss: loss!, weight, gradients };
}

/** The sum of two tensors, in place of them. */
function joined(sum: tf.Tensor | undefined, more: tf.Tensor): tf.Tensor {
  if (!sum) return more;
  const both = tf.add(sum, more);
  tf.dispose([sum, more]);
  return both;
}

/** As in clip.ts; row by row first, so that a device sums many rows at a time. */
function globalNorm(gradients: readonly tf.Tensor[]): tf.Tensor {
  const squares = gradients.map((gradient) => {
    const each = tf.square(gradient);
    return tf.sum(each.rank > 1 ? tf.sum(each, -1) : each);
  });
  return tf.sqrt(squares.reduce((sum, square) => tf.add(sum, square), tf.scalar(0)));
}

/** What clips the gradient of a sum over `weight` and makes it that of the mean. */
function clipScale(
  norm: tf.Tensor,
  clip: number,
  weight: number,
  number: (value: number) => tf.Scalar,
): tf.Scalar {
  if (clip === 0) return number(1 / weight);
  const factor = tf.minimum(tf.div(number(clip), tf.add(norm, number(1e-6))), number(1));
  return tf.mul(factor, number(1 / weight)) as tf.Scalar;
}

/** The function, asked once for each argument. */
function once<A, R>(of: (argument: A) => R): (argument: A) => R {
  const known = new Map<A, R>();
  return (argument) => {
    if (!known.has(argument)) known.set(argument, of(argument));
    return known.get(argument)!;
  };
}

function mapValues<V, W>(record: Record<string, V>, map: (value: V, key: string) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}

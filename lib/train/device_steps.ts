/**
 * Training steps for engines that keep tensors on a device. Gradients, clipping and update form one graph.
 * Parameters and optimiser slots stay on the device; only the loss and the gradient norm are read back.
 */
import * as tf from "@tensorflow/tfjs-core";
import { currentEngine, hostValues, toTensors } from "../compute/mod.ts";
import type { OnDevice, RecordSettings } from "./device_optimizer.ts";
import type { MicroBatch } from "./gradients.ts";
import { mapValues } from "./map_values.ts";
import type { Steps, TrainingTask } from "./steps.ts";

export function deviceSteps({ loss: lossOf, params, optimizer, states }: TrainingTask): Steps {
  const memory = new Map<string, { step: number; slots: OnDevice["slots"] }>();

  /** Returns a parameter's slots, and creates them before its first update. */
  const recall = (name: string) => {
    let state = memory.get(name);
    if (!state) {
      const { shape, size } = params[name];
      const { step, slots } = states[name] ?? optimizer.init(new Float32Array(size));
      state = { step, slots: mapValues(slots, (values) => tf.tensor(values, shape)) };
      memory.set(name, state);
    }
    return state;
  };

  /** Sums loss and gradients batch by batch, so that memory holds only one batch and its forward pass. */
  const sumOver = async (trained: readonly string[], batches: readonly MicroBatch[]) => {
    const variables = trained.map((name) => params[name]), gradients: Record<string, tf.Tensor> = {};
    let loss: tf.Tensor | undefined, weight = 0;
    for (const { feed, context } of batches) {
      if (loss) currentEngine().flush();
      const batch = await feed();
      weight += batch.weight;
      const { value, grads } = tf.variableGrads(() => lossOf(toTensors(batch.inputs), context), variables);
      loss = joined(loss, value);
      for (const name of trained) {
        const gradient = grads[params[name].name];
        if (gradient) gradients[name] = joined(gradients[name], gradient);
      }
    }
    return { loss: loss!, gradients, weight };
  };

  return {
    async update(trained, batches, { clip, ratesOf, accept }) {
      const sums = await sumOver(trained, batches), { weight } = sums;
      for (const name of Object.keys(sums.gradients)) recall(name);
      const { after, report } = tf.tidy(() => {
        const number = numbers();
        const norm = tf.mul(globalNorm(Object.values(sums.gradients)), number("share", 1 / weight));
        const scale = clipScale(norm, clip, weight, number);
        const after = mapValues(sums.gradients, (gradient, name) => {
          const { step, slots } = memory.get(name)!;
          return optimizer.record({ value: params[name], slots }, gradient, {
            ...ratesOf(name),
            scale,
            step: step + 1,
            number,
          });
        });
        return { after, report: tf.stack([sums.loss, norm]) };
      });
      tf.dispose([sums.loss, sums.gradients]);
      const [loss, gradientNorm] = await hostValues(report); // runs the graph
      report.dispose();
      try {
        accept(loss / weight, gradientNorm);
      } catch (refused) {
        tf.dispose(Object.values(after).map(({ value, slots }) => [value, slots]));
        throw refused;
      }
      for (const [name, { value, slots }] of Object.entries(after)) {
        const state = memory.get(name)!;
        params[name].assign(value);
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

/** Returns the sum of two tensors and disposes both. */
function joined(sum: tf.Tensor | undefined, more: tf.Tensor): tf.Tensor {
  if (!sum) return more;
  const both = tf.add(sum, more);
  tf.dispose([sum, more]);
  return both;
}

/**
 * Returns the L2 norm over all gradients: sqrt(Σ g²). It sums within each row first, because a device sums
 * many rows at a time.
 */
function globalNorm(gradients: readonly tf.Tensor[]): tf.Tensor {
  const squares = gradients.map((gradient) => {
    const each = tf.square(gradient);
    return tf.sum(each.rank > 1 ? tf.sum(each, -1) : each);
  });
  return tf.sqrt(squares.reduce((sum, square) => tf.add(sum, square), tf.scalar(0)));
}

/**
 * Returns min(1, clip / (norm + 1e-6)) / weight: the factor that turns the gradient of a sum into that of the
 * mean, and clips it.
 */
function clipScale(
  norm: tf.Tensor,
  clip: number,
  weight: number,
  number: RecordSettings["number"],
): tf.Scalar {
  if (clip === 0) return number("share", 1 / weight);
  const factor = tf.minimum(
    tf.div(number("clip", clip), tf.add(norm, number("least", 1e-6))),
    number("most", 1),
  );
  return tf.mul(factor, number("share", 1 / weight)) as tf.Scalar;
}

/** Creates the scalar inputs of one step, one for each name and value. */
function numbers(): RecordSettings["number"] {
  const known = new Map<string, tf.Scalar>();
  return (name, value) => {
    const key = `${name} ${value}`, scalar = known.get(key) ?? tf.scalar(value);
    known.set(key, scalar);
    return scalar;
  };
}

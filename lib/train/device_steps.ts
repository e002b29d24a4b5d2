/**
 * Training steps for engines that keep tensors on a device. Gradients, clipping and update form one graph,
 * which is captured. Parameters and optimiser slots stay on the device; only the loss and the gradient norm
 * are read back.
 */
import * as tf from "@tensorflow/tfjs-core";
import { captureOnDevice, currentEngine, type Feed, hostValues } from "../compute/mod.ts";
import type { ForwardContext } from "../nn/mod.ts";
import { updateAll } from "./device_update.ts";
import { mapValues } from "./map_values.ts";
import type { Steps, StepSettings, TrainingTask } from "./steps.ts";

/** What the graph of a batch does, apart from its numbers. */
interface Batch {
  context: ForwardContext;
  /** Names of the parameters to update. */
  trained: readonly string[];
  /** Whether the update follows; otherwise later batches add to the sums of this one. */
  last: boolean;
  clips: boolean;
  /** The group of numbers that each parameter is updated with. */
  groupOf: Record<string, number>;
}

/** Names in a batch's inputs, variables and outputs. */
const REPORT = "report", LOSS = "sum of the loss", SHARE = "share", CLIP = "clip";
const sumOf = (name: string) => `sum of ${name}`;
const valueOf = (name: string) => `value of ${name}`;
const slotOf = (slot: string, name: string) => `${slot} of ${name}`;
const numberOf = (number: string, group: number) => `${number} of group ${group}`;

export function deviceSteps(
  { loss: lossOf, within = (record) => record(), params, optimizer, states }: TrainingTask,
): Steps {
  const memory = new Map<string, { step: number; slots: Record<string, tf.Tensor> }>();

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

  /** The graph of one batch. Adds to sums, and updates after the last batch. */
  const work = (inputs: tf.NamedTensorMap, variables: tf.NamedTensorMap, batch: Batch): tf.NamedTensorMap => {
    const { context, trained, last, clips, groupOf } = batch;
    const { value, grads } = within(() =>
      tf.variableGrads(
        () => lossOf(inputs, context),
        trained.map((name) => params[name]),
      )
    );
    const sums: tf.NamedTensorMap = { [LOSS]: joined(variables[LOSS], value)! };
    for (const name of trained) {
      const sum = joined(variables[sumOf(name)], grads[params[name].name]);
      if (sum) sums[sumOf(name)] = sum;
    }
    if (!last) return sums;
    const updated = trained.filter((name) => sumOf(name) in sums);
    const updates = updated.map((name) => {
      const numbers: tf.NamedTensorMap = {}, group = groupOf[name], end = ` of group ${group}`;
      for (const input in inputs) {
        if (input.endsWith(end)) numbers[input.slice(0, -end.length)] = inputs[input];
      }
      const gradient = sums[sumOf(name)];
      return { name, value: params[name], slots: recall(name).slots, gradient, numbers, group };
    });
    const factors = { share: inputs[SHARE], clip: clips ? inputs[CLIP] : undefined };
    const { norm, after } = updateAll(updates, optimizer.record, factors);
    const outputs: tf.NamedTensorMap = { [REPORT]: tf.stack([sums[LOSS], norm]) };
    for (const name of updated) {
      outputs[valueOf(name)] = after[name].value;
      for (const slot in after[name].slots) outputs[slotOf(slot, name)] = after[name].slots[slot];
    }
    return outputs;
  };

  const captured = captureOnDevice(work, {
    keysOf: ({ context }) => context.dropout,
    variantOf: ({ context, trained, last, clips, groupOf }) =>
      JSON.stringify([context.training, last, clips, trained.map((name) => [name, groupOf[name]])]),
  }, [REPORT]);

  /** Returns the numbers of an update as inputs, shared by parameters of equal numbers. */
  const numbersOf = (trained: readonly string[], ratesOf: StepSettings["ratesOf"]) => {
    const groups = new Map<string, number>(), groupOf: Record<string, number> = {}, feed: Feed = {};
    for (const name of trained) {
      const numbers = optimizer.record.numbers({ ...ratesOf(name), step: recall(name).step + 1 });
      const key = JSON.stringify(numbers), group = groups.get(key) ?? groups.size;
      groups.set(key, group);
      groupOf[name] = group;
      for (const number in numbers) feed[numberOf(number, group)] = scalarOf(numbers[number]);
    }
    return { groupOf, feed };
  };

  return {
    async update(trained, batches, { clip, ratesOf, accept }) {
      const { groupOf, feed: numbers } = numbersOf(trained, ratesOf);
      const held: tf.NamedTensorMap = { ...params };
      for (const name of trained) {
        const { slots } = recall(name);
        for (const slot in slots) held[slotOf(slot, name)] = slots[slot];
      }
      let sums: tf.NamedTensorMap = {}, outputs: tf.NamedTensorMap = {}, weight = 0;
      for (const [i, { feed, context }] of batches.entries()) {
        const batch = await feed(), last = i === batches.length - 1;
        weight += batch.weight;
        const settings = { ...numbers, [SHARE]: scalarOf(1 / weight), [CLIP]: scalarOf(clip) };
        const inputs = { ...batch.inputs, ...last && settings };
        outputs = captured.run(inputs, { ...held, ...sums }, {
          context,
          trained,
          last,
          clips: clip !== 0,
          groupOf,
        });
        tf.dispose(sums);
        if (!last) currentEngine().flush(); // so that memory holds only one batch and its forward pass
        sums = last ? {} : outputs;
      }
      const { [REPORT]: report, ...after } = outputs;
      const [loss, gradientNorm] = await hostValues(report);
      report.dispose();
      try {
        accept(loss / weight, gradientNorm);
      } catch (refused) {
        tf.dispose(after);
        throw refused;
      }
      for (const name of trained) {
        const value = after[valueOf(name)], state = recall(name);
        if (!value) continue; // it did not affect the loss
        params[name].assign(value);
        tf.dispose([value, state.slots]);
        state.slots = mapValues(state.slots, (_, slot) => after[slotOf(slot, name)]);
        state.step++;
      }
      return { loss, weight, gradientNorm };
    },

    async states() {
      const plain = { ...states };
      for (const [name, { step, slots }] of memory) {
        if (step === 0) continue; // never updated
        plain[name] = { step, slots: {} };
        for (const slot in slots) plain[name].slots[slot] = await hostValues(slots[slot]);
      }
      return plain;
    },

    [Symbol.dispose]() {
      captured.dispose();
      for (const { slots } of memory.values()) tf.dispose(slots);
      memory.clear();
    },
  };
}

const scalarOf = (value: number) => ({ data: Float32Array.of(value), shape: [] });

/** Returns the sum of what there is of the two. */
const joined = (sum: tf.Tensor | undefined, more: tf.Tensor | undefined): tf.Tensor | undefined =>
  sum && more ? tf.add(sum, more) : more ?? (sum && tf.clone(sum));

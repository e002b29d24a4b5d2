import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../compute/mod.ts";
import { equal, ok } from "../testing/assert.ts";
import { jsonFixture } from "../testing/shared.ts";
import { adam, adamW, type Optimizer, type Values } from "./optimizer.ts";

interface Trajectory {
  optimizer: "AdamW" | "Adam";
  options: Record<string, number> & { lr: number; weight_decay?: number; betas?: [number, number] };
  parameters_after_each_step: number[][];
}

const { start, gradients, trajectories, defaults, tolerance } = jsonFixture("optim.json") as {
  start: number[];
  gradients: number[][];
  trajectories: Trajectory[];
  defaults: Record<string, { weight_decay: number }>;
  tolerance: { float64: number; float32: number };
};

function make({ optimizer, options }: Trajectory): Optimizer {
  const { betas: [beta1, beta2] = [], eps } = options as { betas?: number[]; eps?: number };
  return (optimizer === "Adam" ? adam : adamW)({ beta1, beta2, eps });
}

function replay<V extends Values>(
  trajectory: Trajectory,
  array: (values: number[]) => V,
  bound: number,
  scale: number,
) {
  const { options, optimizer: name, parameters_after_each_step: expected } = trajectory;
  const optimizer = make(trajectory), values = array(start), state = optimizer.init(values);
  const weightDecay = options.weight_decay ?? defaults[name]?.weight_decay ?? 0;
  gradients.forEach((gradient, step) => {
    optimizer.update(values, array(gradient.map((g) => g / scale)), state, {
      lr: options.lr,
      weightDecay,
      scale,
    });
    near(values, expected[step], bound, `${name} ${JSON.stringify(options)} step ${step}`);
  });
  equal(state.step, gradients.length);
}

function near(values: Values, expected: number[], bound: number, what: string) {
  expected.forEach((want, i) => {
    const off = Math.abs(values[i] - want);
    ok(off <= bound * Math.max(1, Math.abs(want)), `${what} [${i}]: ${values[i]} for ${want}`);
  });
}

/** Replays the trajectory with the graph operations, on gradients of a sum over four rows. */
async function replayRecorded(trajectory: Trajectory) {
  await useEngine({ engine: "cpu" });
  const { options, optimizer: name, parameters_after_each_step: expected } = trajectory;
  const optimizer = make(trajectory), weightDecay = options.weight_decay ?? defaults[name]?.weight_decay ?? 0;
  const { slots } = optimizer.init(Float32Array.from(start));
  let state = {
    value: tf.tensor(start),
    slots: Object.fromEntries(Object.entries(slots).map(([slot, zeros]) => [slot, tf.tensor(zeros)])),
  };
  for (const [step, gradient] of gradients.entries()) {
    const numbers = optimizer.record.numbers({ lr: options.lr, weightDecay, step: step + 1 });
    const inputs = Object.fromEntries(
      Object.entries(numbers).map(([name, value]) => [name, tf.scalar(value)]),
    );
    state = optimizer.record.update(state, tf.tensor(gradient.map((g) => 4 * g)), inputs, tf.scalar(0.25));
    const values = await state.value.data() as Float32Array;
    near(values, expected[step], tolerance.float32, `${name} ${JSON.stringify(options)} step ${step}`);
  }
}

for (const trajectory of trajectories) {
  const title = `${trajectory.optimizer} ${JSON.stringify(trajectory.options)} follows PyTorch`;
  Deno.test(`${title} in float64`, () => {
    replay(trajectory, (v) => Float64Array.from(v), tolerance.float64, 1);
    replay(trajectory, (v) => Float64Array.from(v), tolerance.float64, 0.25); // the factor on the gradient is exact
  });
  Deno.test(`${title} in float32`, () => {
    replay(trajectory, (v) => Float32Array.from(v), tolerance.float32, 1);
  });
  Deno.test(`${title} as operations of a graph`, () => replayRecorded(trajectory));
}

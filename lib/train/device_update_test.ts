import * as tf from "@tensorflow/tfjs-core";
import { currentEngine, useEngine } from "../compute/mod.ts";
import { random } from "../random.ts";
import { deepEqual, equal, ok } from "../testing/assert.ts";
import { type Update, updateAll } from "./device_update.ts";
import { adamW } from "./optimizer.ts";

await useEngine();
const { normal } = random(5);
const drawn = (size: number) => Float32Array.from({ length: size }, normal);

/** Shape, rate and weight decay of each parameter; those of equal numbers are a group. */
const PARAMETERS = {
  weights: { shape: [3, 4], lr: 0.1, weightDecay: 0.01 },
  bias: { shape: [4], lr: 0.1, weightDecay: 0 },
  gamma: { shape: [5], lr: 0.1, weightDecay: 0 },
  slow: { shape: [2], lr: 0.01, weightDecay: 0 },
  single: { shape: [1], lr: 0.1, weightDecay: 0 },
};

Deno.test("vectors that are updated together get the optimiser's values, in their places", async () => {
  const optimizer = adamW(), share = 1 / 8, clip = 0.5, groups: string[] = [];
  const cases = Object.entries(PARAMETERS).map(([name, { shape, ...rates }]) => {
    const size = tf.util.sizeFromShape(shape), values = drawn(size), gradient = drawn(size);
    return { name, shape, rates, values, gradient, state: optimizer.init(values.slice()) };
  });
  const squares = cases.flatMap(({ gradient }) => [...gradient]).reduce((sum, g) => sum + g * g, 0);
  const norm = Math.sqrt(squares) * share, scale = Math.min(1, clip / (norm + 1e-6)) * share;

  const updates = cases.map(({ name, shape, rates, values, gradient, state }): Update => {
    const numbers = optimizer.record.numbers({ ...rates, step: 1 }), key = JSON.stringify(numbers);
    if (!groups.includes(key)) groups.push(key);
    const [value, sum] = [values, gradient].map((each) => tf.tensor(each.slice(), shape));
    const slots = Object.fromEntries(
      Object.entries(state.slots).map(([slot, values]) => [slot, tf.tensor(values, shape)]),
    );
    const inputs = Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, tf.scalar(value)]));
    return { name, value, slots, gradient: sum, numbers: inputs, group: groups.indexOf(key) };
  });
  const found = updateAll(updates, optimizer.record, { share: tf.scalar(share), clip: tf.scalar(clip) });

  ok(Math.abs((await found.norm.data())[0] - norm) < 1e-6);
  for (const { name, shape, rates, values, gradient, state } of cases) {
    const { value, slots } = found.after[name];
    optimizer.update(values, gradient, state, { ...rates, scale });
    deepEqual(value.shape, shape);
    near(await value.data(), values, name);
    for (const slot in slots) near(await slots[slot].data(), state.slots[slot], `${slot} of ${name}`);
  }
});

Deno.test("a hundred vectors take the operations of one, and their parts", () => {
  const operations = (count: number) => {
    const one = tf.scalar(0.5), numbers = optimizerNumbers();
    const updates = Array.from({ length: count }, (_, i): Update => {
      const [value, gradient, exp_avg, exp_avg_sq] = Array.from({ length: 4 }, () => tf.ones([8]));
      return { name: `${i}`, value, gradient, slots: { exp_avg, exp_avg_sq }, numbers, group: 0 };
    });
    let kernels = 0;
    const engine = tf.engine(), { runKernel } = engine;
    engine.runKernel = (...call) => {
      kernels++;
      return runKernel.apply(engine, call) as never;
    };
    try {
      updateAll(updates, adamW().record, { share: one });
    } finally {
      engine.runKernel = runKernel;
    }
    return kernels;
  };
  equal(operations(100), operations(2));
  equal(currentEngine().name, "onnx");
});

const optimizerNumbers = () =>
  Object.fromEntries(
    Object.entries(adamW().record.numbers({ lr: 0.1, weightDecay: 0, step: 1 }))
      .map(([name, value]) => [name, tf.scalar(value)]),
  );

function near(found: ArrayLike<number>, wanted: ArrayLike<number>, what: string) {
  equal(found.length, wanted.length, what);
  Array.from(wanted).forEach((value, i) =>
    ok(Math.abs(found[i] - value) < 1e-6, `${what}: ${found[i]} for ${value}`)
  );
}

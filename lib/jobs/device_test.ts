/**
 * Compares training on a device with the same training on
 * the CPU. webgpu_test.ts runs it if there is a device.
 */
import * as tf from "@tensorflow/tfjs-core";
import { captureOnDevice, currentEngine, useEngine } from "../compute/mod.ts";
import { disposeParams } from "../nn/mod.ts";
import type { Example } from "../data/mod.ts";
import { type Classifier, newClassifier } from "../model/mod.ts";
import { random } from "../random.ts";
import { deepEqual, equal, ok, rejects } from "../testing/assert.ts";
import { isLong } from "../testing/amount.ts";
import { deviceUnderTest } from "../testing/engines.ts";
import { loadCheckpoint, saveCheckpoint } from "../train/checkpoint.ts";
import { trainConfig } from "../config/train.ts";
import type { StepEvent, TrainEvent } from "../train/events.ts";
import { mapValues } from "../train/map_values.ts";
import { copiesOf, restoreParams, tensorsOf } from "../train/restore.ts";
import { newTrainState } from "../train/state.ts";
import { fit, type FitOptions } from "./fit.ts";
import { planFor, planRun, resolveMethod } from "../config/mod.ts";

/** Runs a test only on a device. */
const test: (test: Deno.TestDefinition) => void = deviceUnderTest ? Deno.test : () => {};
const SIZES = { text: 12, audio: 6 }, LABELS = ["neutral", "joy", "sadness"], LENGTH = 8;
const MEMOCMT = { width: 16, heads: 2, hidden: 8 };
const HEADS: [string, Record<string, unknown>][] = [
  ["memocmt", MEMOCMT],
  ...isLong ? [["attention_pooling", {}] as [string, Record<string, unknown>]] : [],
];

/** Epochs of the leak test. */
const EPOCHS = isLong ? 150 : 10;

/** Examples whose batches of 8 rows all have one shape. */
const examples: Example[] = Array.from({ length: 16 }, (_, row) => {
  const { normal } = random(row);
  const states = (width: number) => ({
    data: Float32Array.from({ length: LENGTH * width }, normal),
    length: LENGTH,
    width,
  });
  return {
    id: `${row}`,
    text: states(SIZES.text),
    audio: states(SIZES.audio),
    target: { kind: "class", value: row % LABELS.length },
  };
});

const encoder = (width: number) => ({ id: "noise", fingerprint: "", width });

const classifier = (method: string, options: Record<string, unknown>): Classifier =>
  newClassifier({
    ...resolveMethod({ method, options }),
    labels: LABELS,
    encoders: { text: encoder(SIZES.text), audio: encoder(SIZES.audio) },
    maxLength: { text: LENGTH, audio: LENGTH },
    seed: 4,
  });

interface Run extends FitOptions {
  epochs?: number;
  accumulate?: number;
  freeze?: { epochs: number; train: string[] }[];
  model?: Classifier;
  rows?: Example[];
  precision?: "fp32" | "fp16";
  watch?: (event: TrainEvent) => void;
}

/** Trains with the real loop. Returns every step's event, and the model. */
async function run(method: string, options: Record<string, unknown>, given: Run = {}) {
  const { epochs = 3, accumulate = 1, freeze = [], model = classifier(method, options), ...more } = given;
  const { rows = examples, watch, precision, ...rest } = more;
  const batch_size = 8 / accumulate;
  const settings = { method, batch_size, accumulate, epochs, freeze, precision };
  const config = trainConfig.parse({ ...settings, seed: 9, patience: 0 });
  const steps: StepEvent[] = [];
  let state;
  for await (
    const event of fit(
      model,
      { train: rows, dev: examples.slice(0, 4) },
      planFor(planRun(config), "class"),
      rest,
    )
  ) {
    if (event.type === "step") steps.push(event);
    if (event.type === "checkpoint") state = await event.state();
    watch?.(event);
  }
  return { steps, model, state: state! };
}

const use = (device = "cpu") => useEngine({ engine: "onnx", device });
const bytesOf = (model: Classifier) =>
  Object.values(model.params).reduce((sum, { size }) => sum + 4 * size, 0);

/** Parameters that a softmax cancels out: their gradient is rounding noise, which Adam enlarges. */
const free = (name: string) => name.endsWith("_pool.score.bias") || name.endsWith("k_proj.bias");

for (const [method, options] of HEADS) {
  test({
    name: `${method} trains on a device as on the CPU, and only batches, loss and norm are transferred`,
    async fn() {
      await use();
      const expected = await run(method, options);
      const weights = await tensorsOf(expected.model.params);
      for (const name in weights) weights[name] = { ...weights[name], data: weights[name].data.slice() };

      const engine = await use(deviceUnderTest);
      equal([engine.device, engine.memory].join(), `${deviceUnderTest},device`);
      engine.resetStats();
      let before = engine.stats();
      const perStep: number[][] = [], compiled: number[] = [];
      const actual = await run(method, options, {
        watch(event) {
          const after = engine.stats();
          if (event.type === "step") {
            compiled.push(after.compiles - before.compiles);
            perStep.push((["flushes", "downloadedBytes", "uploadedBytes"] as const)
              .map((key) => after[key] - before[key]));
          }
          before = after;
        },
      });
      equal(actual.steps.length, 6);
      actual.steps.forEach(({ loss, gradientNorm }, i) => {
        const wanted = expected.steps[i];
        ok(Math.abs(loss - wanted.loss) < 1e-5, `loss ${loss} for ${wanted.loss}`);
        ok(Math.abs(gradientNorm! - wanted.gradientNorm!) < 1e-4 * wanted.gradientNorm!, `norm of step ${i}`);
      });
      for (const [name, { data }] of Object.entries(await tensorsOf(actual.model.params))) {
        if (free(name)) continue;
        weights[name].data.forEach((want, i) => ok(Math.abs(data[i] - want) < 5e-5, `${name}[${i}]`));
      }

      const { fallbacks, graphsUsingHost } = engine.stats();
      deepEqual([fallbacks, graphsUsingHost], [{}, 0]);
      deepEqual(compiled, [1, 0, 0, 0, 0, 0]);
      const [first, ...later] = perStep, moved = bytesOf(actual.model);
      for (const [flushes, down] of later) deepEqual([flushes, down], [1, 8], "graphs, and bytes back");
      falls(later.map(([, , up]) => up));
      equal(first[2] - later[0][2], 3 * moved, "parameters and slots crossed over once");
      disposeParams(actual.model.params);
      disposeParams(expected.model.params);
    },
  });
}

test({
  name: "on a device, a loss scale changes no update, and an overflow skips one",
  async fn() {
    const engine = await use(deviceUnderTest), { inHalfPrecision } = engine;
    // SwiftShader has no 16-bit floats, so this tests the loss scale alone.
    Object.assign(engine, { inHalfPrecision: (record: () => unknown) => record() });
    try {
      const plain = await run("memocmt", MEMOCMT),
        scaled = await run("memocmt", MEMOCMT, { precision: "fp16" });
      scaled.steps.forEach(({ loss, gradientNorm }, i) => {
        ok(Math.abs(loss - plain.steps[i].loss) < 1e-5, `loss of step ${i}`);
        ok(Math.abs(gradientNorm! / plain.steps[i].gradientNorm! - 1) < 1e-4, `norm of step ${i}`);
      });
      const resume = { ...newTrainState(), scaling: { scale: 2 ** 100, good: 0, skipped: 0 } };
      const model = classifier("memocmt", MEMOCMT), before = await copiesOf(model.params);
      let after: unknown;
      const { steps, state } = await run("memocmt", MEMOCMT, {
        ...{ precision: "fp16", model, resume, epochs: 1 },
        watch(event) {
          if (event.type !== "step" || event.step > 1) return;
          resume.scaling.scale = 2 ** 10;
          after = mapValues(model.params, (param) => param.dataSync().slice());
        },
      });
      deepEqual(after, mapValues(before, ({ data }) => data));
      deepEqual(steps.map(({ gradientNorm }) => gradientNorm === null), [true, false]);
      equal(state.optimizer["head.0.weight"].step, 1);
      deepEqual(state.scaling, { scale: 2 ** 10, good: 1, skipped: 1 });
      for (const { model } of [plain, scaled]) disposeParams(model.params);
      disposeParams(model.params);
    } finally {
      Object.assign(engine, { inHalfPrecision });
    }
  },
});

/** Checks that each step sends the same bytes, and a captured one none of the graph's few constants. */
function falls(uploads: readonly number[]): void {
  uploads.slice(1).forEach((bytes, i) => ok(bytes <= uploads[i], `${uploads}`));
  ok(uploads[0] - uploads.at(-1)! <= 64, `${uploads}`);
}

for (const accumulate of [1, 2]) {
  test({
    name: `captured steps of ${accumulate} batches equal called ones, with dropout, decay and a falling rate`,
    async fn() {
      const engine = await use(deviceUnderTest), { recordOnDevice, record } = engine;
      const trained = async () => {
        engine.resetStats();
        const { steps, model } = await run("memocmt", MEMOCMT, { epochs: 4, accumulate });
        const weights = await tensorsOf(model.params);
        disposeParams(model.params);
        return { weights, numbers: steps.map(({ loss, gradientNorm, lr }) => [loss, gradientNorm, lr]) };
      };
      const captured = await trained(), { recordings } = engine.stats();
      Object.assign(engine, { recordOnDevice: undefined, record: undefined });
      try {
        const called = await trained();
        deepEqual(captured, called);
        equal(new Set(called.numbers.map(([, , lr]) => lr)).size > 2, true);
      } finally {
        Object.assign(engine, { recordOnDevice, record });
      }
      // Twice each: a batch that updates, one that only adds to sums, and the dev rows.
      equal(recordings, 2 * (accumulate + 1));
    },
  });
}

test({
  name: "outputs of a captured step keep their shapes",
  async fn() {
    await use(deviceUnderTest);
    const reader = { keysOf: () => ({ next: () => 0 }), variantOf: () => "" };
    const captured = captureOnDevice<null>(
      ({ x }) => {
        const twice = tf.mul(x, 2);
        return { twice, table: tf.reshape(twice, [2, 3]), own: tf.reshape(x, [3, 2]) };
      },
      reader,
      [],
    );
    for (let call = 0; call < 4; call++) {
      const data = Float32Array.from({ length: 6 }, (_, i) => i + call);
      const outputs = captured.run({ x: { data, shape: [6] } }, {}, null);
      deepEqual(mapValues(outputs, ({ shape }) => shape), { twice: [6], table: [2, 3], own: [3, 2] });
      for (const [name, factor] of Object.entries({ twice: 2, table: 2, own: 1 })) {
        deepEqual([...await outputs[name].data()], [...data].map((number) => number * factor));
      }
      tf.dispose(outputs);
    }
    equal(captured.reason(), undefined);
    captured.dispose();
  },
});

test({
  name: "a loss that is not finite stops the run before it reaches the parameters",
  async fn() {
    await use(deviceUnderTest);
    const model = classifier("attention_pooling", {}), before = await tensorsOf(model.params);
    const poisoned = examples.map((e) => ({ ...e, text: { ...e.text!, data: e.text!.data.map(() => NaN) } }));
    const { numTensors } = tf.memory();
    await rejects(
      run("attention_pooling", {}, { model, rows: poisoned }),
      /found a loss of NaN .* at step 1 /,
    );
    deepEqual(await tensorsOf(model.params), before);
    equal(tf.memory().numTensors, numTensors);
    disposeParams(model.params);
  },
});

test({
  name: "frozen parameters stay on the device, too",
  async fn() {
    const { stats } = await use(deviceUnderTest), uploads: number[] = [];
    let before = 0;
    const { model } = await run("memocmt", MEMOCMT, {
      freeze: [{ epochs: 1, train: ["head.0", "head.1"] }],
      watch(event) {
        if (event.type === "step") uploads.push(stats().uploadedBytes - before);
        before = stats().uploadedBytes;
      },
    });
    const trained = Object.keys(model.params).filter((name) => name.startsWith("head."));
    const frozen = bytesOf(model) - trained.reduce((sum, name) => sum + 4 * model.params[name].size, 0);
    equal(uploads[1] - uploads[2], frozen, "read a second time, they stay");
    falls(uploads.slice(2));
    disposeParams(model.params);
  },
});

test({
  name: `${2 * EPOCHS} steps leak no memory`,
  async fn() {
    const { stats } = await use(deviceUnderTest);
    const { memory, engine } = tf, start = [memory().numTensors, stats().residentBytes];
    const held: string[] = [];
    const { model } = await run("attention_pooling", {}, {
      epochs: EPOCHS,
      watch(event) {
        if (event.type !== "step") return;
        held.push(`${memory().numTensors} ${engine().backend.numDataIds()} ${stats().residentBytes}`);
      },
    });
    equal(held.length, 2 * EPOCHS);
    equal(new Set(held.slice(4)).size, 1, [...new Set(held)].join(", "));
    disposeParams(model.params);
    deepEqual([memory().numTensors, stats().residentBytes], start);
  },
});

test({
  name: "a device's checkpoint resumes there with equal numbers, and on the CPU with close ones",
  async fn() {
    const path = `${await Deno.makeTempDir({ prefix: "undertone" })}/last.safetensors`;
    await use(deviceUnderTest);
    const unbroken = await run("memocmt", MEMOCMT), controller = new AbortController();
    const { model, state } = await run("memocmt", MEMOCMT, {
      signal: controller.signal,
      watch: (event) => event.type === "step" && event.step === 3 && controller.abort(),
    });
    const about = {
      config: {},
      labels: LABELS,
      encoders: {},
      method: "memocmt",
      options: {},
      sizes: model.sizes,
      seed: 9,
    };
    await saveCheckpoint(path, { about, params: await tensorsOf(model.params), extras: {}, state });

    const resume = async () => {
      const saved = await loadCheckpoint(path), model = classifier("memocmt", MEMOCMT);
      restoreParams(model.params, saved.params, { at: path });
      return await run("memocmt", MEMOCMT, { model, resume: saved.state });
    };
    const losses = ({ steps }: { steps: StepEvent[] }) => steps.map(({ loss }) => loss);
    const expected = losses(unbroken).slice(3);
    equal(currentEngine().memory, "device");
    deepEqual(losses(await resume()), expected);
    await use();
    losses(await resume()).forEach((loss, i) => ok(Math.abs(loss - expected[i]) < 1e-5));
  },
});

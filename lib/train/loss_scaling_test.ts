import * as tf from "@tensorflow/tfjs-core";
import { deepEqual, equal, ok, rejects } from "../testing/assert.ts";
import { useEngine } from "../compute/mod.ts";
import type { Params } from "../nn/mod.ts";
import { jsonFixture } from "../testing/shared.ts";
import type { StepEvent, StoppedEvent, TrainEvent } from "./events.ts";
import { GROWTH_INTERVAL, newScaling, recordStep, type Scaling } from "./loss_scaling.ts";
import { copiesOf, restoreParams, tensorsOf } from "./restore.ts";
import { newTrainState, type TrainState } from "./state.ts";
import { type Batch, batches, freshParams, problemOf, referenceOptions } from "./testing.ts";
import { type Problem, train, type TrainControls, type TrainOptions } from "./trainer.ts";

interface Run {
  start: { scale: number; good: number };
  steps: { loss: number; grad_norm: number | null; scale: number }[];
  end: { scale: number; good: number };
  final: Record<string, number[] | number[][]>;
}

const reference = jsonFixture("mixed_precision.json");
await useEngine();

/** The options of trainer.json, but each batch is a step, and all parts train. */
const options: TrainOptions = { ...referenceOptions, accumulate: 1, freeze: [], precision: "fp16" };

/** The reference's problem, with equal dev metrics in every epoch. */
const steady = (params: Params, factor = 1): Problem<Batch> =>
  problemOf(params, { factor, metrics: () => ({ score: 1 }) });

const startingAt = (scaling: Partial<Scaling>): TrainState => ({
  ...newTrainState(),
  scaling: { ...newScaling(), ...scaling },
});

const collect = (problem: Problem<Batch>, changes: Partial<TrainOptions>, controls?: TrainControls) =>
  Array.fromAsync(train(problem, { ...options, ...changes }, controls));
const stepsOf = (events: TrainEvent[]) => events.filter((event): event is StepEvent => event.type === "step");
const near = (found: number, wanted: number, bound: number, what: string) =>
  ok(Math.abs(found - wanted) <= bound * Math.max(1, Math.abs(wanted)), `${what} ${found} for ${wanted}`);

for (const name of ["overflowing", "growing"]) {
  Deno.test(`a run with a scale that is ${name} equals PyTorch's autocast and GradScaler`, async () => {
    const { start, steps, end, final } = reference[name] as Run;
    const params = freshParams(), state = startingAt(start), scales: number[] = [];
    const problem = steady(params);
    const feed: typeof problem.feed = (batch) => {
      scales.push(state.scaling!.scale);
      return problem.feed(batch);
    };
    const events = stepsOf(await collect({ ...problem, feed }, {}, { resume: state }));
    deepEqual(scales, steps.map(({ scale }) => scale));
    events.forEach(({ loss, gradientNorm }, i) => {
      near(loss, steps[i].loss, reference.tolerance.loss, `loss of step ${i}`);
      equal(gradientNorm === null, steps[i].grad_norm === null, `step ${i} is skipped`);
      near(gradientNorm ?? 0, steps[i].grad_norm ?? 0, reference.tolerance.grad_norm, `norm of step ${i}`);
    });
    const skipped = steps.filter(({ grad_norm }) => grad_norm === null).length;
    deepEqual(state.scaling, { ...end, skipped });
    for (const [name, { data }] of Object.entries(await tensorsOf(params))) {
      const wanted = final[name].flat();
      data.forEach((value, i) => near(value, wanted[i], reference.tolerance.final, `${name}[${i}]`));
    }
  });
}

Deno.test("an overflow skips one step, which changes nothing, and the scale halves", async () => {
  const params = freshParams(), state = startingAt({ scale: 2 ** 10 });
  const look = async () => structuredClone({ params: await copiesOf(params), optimizer: state.optimizer });
  let before: unknown;
  for await (const event of train(steady(params), { ...options, epochs: 2 }, { resume: state })) {
    if (event.type === "checkpoint") await event.state();
    if (event.type === "step" && event.step === 6) {
      before = await look();
      state.scaling!.scale = 2 ** 30;
    }
    if (event.type === "step" && event.step === 7) {
      deepEqual(await look(), before);
      equal(event.gradientNorm, null);
      ok(Number.isFinite(event.loss));
      deepEqual(state.scaling, { scale: 2 ** 29, good: 0, skipped: 1 });
      state.scaling!.scale = 2 ** 10;
    }
    if (event.type === "stopped") equal(event.skippedSteps, 1);
  }
  deepEqual(state.scaling, { scale: 2 ** 10, good: 3, skipped: 1 });
  equal(state.optimizer["head.weight"].step, 9);
});

Deno.test("a run that is stopped anywhere and resumed equals an unbroken one", async () => {
  const run = async (state: TrainState, params: Params, stopAfter = Infinity) => {
    const stop = new AbortController(), events: TrainEvent[] = [];
    for await (const event of train(steady(params), options, { resume: state, signal: stop.signal })) {
      events.push(event);
      if (event.type === "step" && event.step === stopAfter) stop.abort();
      if (event.type === "checkpoint") await event.state();
    }
    const steps = stepsOf(events).map((event) => ({ ...event, rowsPerSecond: 0 }));
    return { steps, state: structuredClone(state), params: await copiesOf(params) };
  };
  const start = () => startingAt({ scale: 2 ** 18 });
  const unbroken = await run(start(), freshParams());
  ok(unbroken.steps.some(({ gradientNorm }) => gradientNorm === null));
  for (let stopAfter = 1; stopAfter < unbroken.steps.length; stopAfter++) {
    const first = await run(start(), freshParams(), stopAfter), params = freshParams();
    restoreParams(params, first.params, { at: "test" });
    const second = await run(first.state, params);
    deepEqual([...first.steps, ...second.steps], unbroken.steps);
    deepEqual(second.state, unbroken.state);
    deepEqual(second.params, unbroken.params);
  }
});

Deno.test("micro-batches give the update of their rows together", async () => {
  const results = [];
  for (const accumulate of [1, 2]) {
    const params = freshParams(), problem = steady(params), [a, b] = batches;
    const both = { x: [...a.x, ...b.x], labels: [...a.labels, ...b.labels] };
    const changes = { epochs: 1, accumulate, schedule: "constant" as const, warmup: 0 };
    const given = { ...problem, batches: () => accumulate === 2 ? [a, b] : [both] };
    const [{ loss, gradientNorm }] = stepsOf(
      await collect(given, changes, { resume: startingAt({ scale: 64 }) }),
    );
    results.push({ loss, gradientNorm });
  }
  near(results[1].loss, results[0].loss, 1e-3, "loss");
  near(results[1].gradientNorm!, results[0].gradientNorm!, 1e-3, "norm");
});

/** The sum of squares of a product whose gradient, 2 x 300 x 600 x 2 rows, half precision can't hold. */
function steep(): Problem<null> {
  const weight = tf.variable(tf.ones([2, 2]));
  return {
    params: { weight },
    batches: () => [null, null, null, null],
    rows: () => 2,
    feed: () => ({ inputs: { x: { data: new Float32Array(4).fill(300), shape: [2, 2] } }, weight: 2 }),
    loss: ({ x }) => tf.sum(tf.square(tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D))) as tf.Scalar,
    evaluate: () => Promise.resolve({ score: 1 }),
  };
}

Deno.test("an overflow at the smallest scale ends training and says what helps", async () => {
  const settings = { ...options, groups: [{ prefix: "", lr: 1e-3, weightDecay: 0 }], epochs: 1 };
  const state = startingAt({ scale: 4 });
  await rejects(
    Array.fromAsync(train(steep(), settings, { resume: state })),
    /a gradient norm of (Infinity|NaN) at step 3 \(epoch 1\)\. Lower .*, or train with --precision fp32/,
  );
  equal(state.scaling!.scale, 1);
  const told = await Array.fromAsync(train(steep(), { ...settings, precision: "fp32" }));
  equal(told.at(-1)!.type, "stopped", "the advice helps");
});

Deno.test("a value beyond 65,504 ends training instead of becoming infinite", async () => {
  await rejects(
    collect(steady(freshParams(), 1e6), {}),
    /found a loss of NaN .*--precision fp32: half precision holds no number above 65,504/,
  );
});

Deno.test("fp32 has no scale and skips nothing", async () => {
  const state = newTrainState();
  const events = await collect(steady(freshParams()), { precision: "fp32" }, { resume: state });
  equal(state.scaling, undefined);
  equal("skippedSteps" in (events.at(-1) as StoppedEvent), false);
});

Deno.test("the scale doubles after its interval, halves at an overflow, and stays finite", () => {
  const scaling = newScaling();
  for (let i = 0; i < GROWTH_INTERVAL; i++) recordStep(scaling, true);
  deepEqual(scaling, { scale: 2 ** 17, good: 0, skipped: 0 });
  recordStep(scaling, true);
  recordStep(scaling, false);
  deepEqual(scaling, { scale: 2 ** 16, good: 0, skipped: 1 });
  const largest = { scale: 2 ** 127, good: GROWTH_INTERVAL - 1, skipped: 0 };
  recordStep(largest, true);
  deepEqual(largest, { scale: 2 ** 127, good: 0, skipped: 0 });
});

Deno.test("engines without half precision refuse it", async () => {
  await useEngine({ engine: "cpu" });
  await rejects(
    collect(steady(freshParams()), {}),
    /engine with half precision but found cpu.*--engine onnx/,
  );
  await useEngine();
});

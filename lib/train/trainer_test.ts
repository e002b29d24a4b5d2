import * as tf from "@tensorflow/tfjs-core";
import { deepEqual, equal, ok, rejects } from "../testing/assert.ts";
import { ENGINES, toTensor, useEngine } from "../compute/mod.ts";
import type { Params } from "../nn/mod.ts";
import { underTest } from "../testing/engines.ts";
import { testWith } from "../testing/needs.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import type { EpochEvent, StepEvent, StoppedEvent, TrainEvent } from "./events.ts";
import { adamW } from "./optimizer.ts";
import { restoreParams, tensorsOf } from "./restore.ts";
import type { TrainState } from "./state.ts";
import {
  type Batch,
  batches,
  freshParams,
  problemOf,
  reference,
  referenceOptions as options,
} from "./testing.ts";
import { type Problem, train, type TrainControls, type TrainOptions } from "./trainer.ts";

interface ReferenceStep {
  epoch: number;
  loss: number;
  grad_norm: number;
  lr_head: number;
}

await useEngine({ engine: "cpu" });

/** The states of checkpoint events, taken while the run waited. */
const states = new WeakMap<TrainEvent, TrainState>();

async function collect(
  problem: Problem<Batch>,
  changes: Partial<TrainOptions> = {},
  controls: TrainControls = {},
  watch: (event: TrainEvent) => void = () => {},
): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  for await (const event of train(problem, { ...options, ...changes }, controls)) {
    if (event.type === "checkpoint") states.set(event, await event.state());
    events.push(event);
    watch(event);
  }
  return events;
}

const stepsOf = (events: TrainEvent[]) => events.filter((event): event is StepEvent => event.type === "step");
const lastState = (events: TrainEvent[]): TrainState =>
  states.get(events.findLast((event) => event.type === "checkpoint")!)!;
/** Removes the times from an event, so that equal runs give equal events. */
const timeless = (events: TrainEvent[]) =>
  events.filter((event): event is StepEvent | EpochEvent => event.type === "step" || event.type === "epoch")
    .map((event) => ({ ...event, rowsPerSecond: undefined }));

for (const engine of ENGINES) {
  testWith(engine, `losses, norms, rates and weights equal PyTorch on ${engine}`, async () => {
    await useEngine(underTest(engine));
    await followReference();
    await useEngine({ engine: "cpu" });
  });
}

/** Compares accumulation, clipping, groups and a freeze plan with the reference, step by step. */
async function followReference() {
  const params = freshParams(), live = tf.memory().numTensors;
  const events = await collect(problemOf(params));
  const { loss: lossBound, grad_norm, final } = reference.tolerance;
  const steps = reference.steps as ReferenceStep[];
  equal(stepsOf(events).length, steps.length);
  stepsOf(events).forEach((event, i) => {
    equal(event.epoch, steps[i].epoch);
    ok(Math.abs(event.loss - steps[i].loss) <= lossBound, `loss ${event.loss} for ${steps[i].loss}`);
    ok(Math.abs(event.gradientNorm! - steps[i].grad_norm) <= grad_norm, `norm of step ${i}`);
    ok(Math.abs(event.lr - steps[i].lr_head) <= 1e-12, `rate of step ${i}`);
  });
  for (const [name, { data }] of Object.entries(await tensorsOf(params))) {
    const expected = (reference.final[name] as number[][]).flat();
    expected.forEach((want, i) =>
      ok(Math.abs(data[i] - want) <= final, `${name}[${i}]: ${data[i]} for ${want}`)
    );
  }
  deepEqual(Object.keys(lastState(events).optimizer).sort(), [
    "body.bias",
    "body.weight",
    "head.bias",
    "head.weight",
  ]);
  equal(tf.memory().numTensors, live, "tensors leak");
}

Deno.test("events come in order and report the run's position", async () => {
  const events = await collect(problemOf(freshParams()), { epochs: 2 });
  deepEqual(events.map(({ type }) => type), [
    "started",
    ...["step", "step", "step", "epoch", "checkpoint"],
    ...["step", "step", "step", "epoch", "checkpoint"],
    "stopped",
  ]);
  deepEqual(events[0], {
    type: "started",
    epochs: 2,
    stepsPerEpoch: 3,
    parameters: 87,
    trainableParameters: 87,
    step: 0,
  });
  deepEqual(stepsOf(events).map(({ step }) => step), [1, 2, 3, 4, 5, 6]);
  deepEqual(stepsOf(events).at(-1)!.progress, 1);
  const { compiles, compileSeconds, ...stopped } = events.at(-1) as StoppedEvent;
  deepEqual(stopped, { type: "stopped", reason: "finished", step: 6, bestEpoch: 1, best: 1 });
  deepEqual([typeof compiles, typeof compileSeconds], ["number", "number"]);
});

Deno.test("an epoch's loss is the mean over its rows", async () => {
  const events = await collect(problemOf(freshParams()), {
    epochs: 1,
    groups: [{ prefix: "", lr: 0, weightDecay: 0 }],
  });
  const { sum, weight } = await crossEntropyOfAll(freshParams());
  const { trainLoss } = events.find((event) => event.type === "epoch")!;
  ok(Math.abs(trainLoss - sum / weight) < 1e-6);
});

async function crossEntropyOfAll(params: Params) {
  const all = { x: batches.flatMap(({ x }) => x), labels: batches.flatMap(({ labels }) => labels) };
  const context = { training: true, dropout: { next: () => 0 } };
  const problem = problemOf(params), { inputs, weight } = await problem.feed(all);
  const tensors = Object.fromEntries(Object.entries(inputs).map(([name, given]) => [name, toTensor(given)]));
  return { sum: problem.loss(tensors, context).dataSync()[0], weight };
}

for (const engine of ENGINES) {
  testWith(
    engine,
    `a run that is aborted anywhere, saved, loaded and resumed ends in the same bytes on ${engine}`,
    async () => {
      await useEngine(underTest(engine));
      await resumeEverywhere();
      await useEngine({ engine: "cpu" });
    },
  );
}

async function resumeEverywhere() {
  const folder = await Deno.makeTempDir();
  const about = {
    config: {},
    labels: ["a", "b", "c"],
    encoders: {},
    method: "two layers",
    options: {},
    sizes: { text: 6, audio: 0, classes: 3 },
    seed: options.seed,
    rows: { train: 9, dev: 3, fingerprint: "" },
  };
  const save = async (path: string, params: Params, state: TrainState) => {
    await saveCheckpoint(path, { about, params: await tensorsOf(params), extras: {}, state });
    return await Deno.readFile(path);
  };
  const run = async (resumed?: TrainState, params = freshParams(), abortAt = Infinity) => {
    const controller = new AbortController();
    const events = await collect(
      problemOf(params, { rate: 0.3, metrics: () => ({ score: params["head.bias"].dataSync()[0] }) }),
      {},
      { resume: resumed, signal: controller.signal },
      (event) => {
        if (event.type === "step" && event.step === abortAt) controller.abort();
      },
    );
    return { events, params };
  };

  const unbroken = await run();
  const expected = await save(`${folder}/unbroken.safetensors`, unbroken.params, lastState(unbroken.events));
  const steps = stepsOf(unbroken.events).length;
  for (let abortAt = 1; abortAt < steps; abortAt++) {
    const path = `${folder}/${abortAt}.safetensors`;
    const first = await run(undefined, freshParams(), abortAt);
    equal(stepsOf(first.events).length, abortAt);
    await save(path, first.params, lastState(first.events));

    const checkpoint = await loadCheckpoint(path), params = freshParams();
    restoreParams(params, checkpoint.params, { at: path });
    const second = await run(checkpoint.state, params);
    deepEqual([...timeless(first.events), ...timeless(second.events)], timeless(unbroken.events));
    deepEqual(await save(path, params, lastState(second.events)), expected, `aborted after step ${abortAt}`);
  }
}

Deno.test("the best epoch is reported and patience ends the run; a resumed run stays ended", async () => {
  const scores = [0.2, 0.5, 0.4, 0.5, 0.9];
  const metrics = (evaluation: number) => ({ score: scores[evaluation] });
  const params = freshParams();
  const events = await collect(problemOf(params, { metrics }), { epochs: 5, patience: 2 });
  const epochs = events.filter((event) => event.type === "epoch");
  deepEqual(epochs.map(({ isBest }) => isBest), [true, true, false, false]);
  const { reason, step, bestEpoch, best } = events.at(-1) as StoppedEvent;
  deepEqual({ reason, step, bestEpoch, best }, { reason: "patience", step: 12, bestEpoch: 1, best: 0.5 });
  const again = await collect(problemOf(params), { epochs: 5, patience: 2 }, { resume: lastState(events) });
  deepEqual(again.map(({ type }) => type), ["started", "stopped"]);
});

Deno.test("the loop lets timers run, so that one of them can stop it", async () => {
  const controller = new AbortController();
  const run = collect(problemOf(freshParams()), { epochs: 1e6, freeze: [] }, { signal: controller.signal });
  setTimeout(() => controller.abort(), 1);
  const stopped = (await run).at(-1)!;
  equal(stopped.type === "stopped" && stopped.reason, "aborted");
});

Deno.test("a loss that is not finite stops the run before it reaches the parameters", async () => {
  const params = freshParams(), problem = problemOf(params), live = tf.memory().numTensors;
  let calls = 0;
  const poisoned: Problem<Batch> = {
    ...problem,
    async feed(batch) {
      const { inputs, weight } = await problem.feed(batch), poison = ++calls > 6 ? NaN : 1;
      const { data, shape } = inputs.states;
      return { inputs: { ...inputs, states: { data: data.map((v) => v * poison), shape } }, weight };
    },
  };
  const events: TrainEvent[] = [];
  await rejects(
    collect(poisoned, {}, {}, (event) => void events.push(event)),
    /found a loss of NaN .* at step 4 \(epoch 2\)\. Lower the learning rate/,
  );
  equal(lastState(events).step, 3);
  for (const { data } of Object.values(await tensorsOf(params))) ok(data.every(Number.isFinite));
  equal(tf.memory().numTensors, live);
});

Deno.test("a metric that evaluation does not return is refused by name", async () => {
  await rejects(
    collect(problemOf(freshParams()), { select: "scroe" }),
    /found 'scroe'.*Did you mean 'score'\?/,
  );
});

/** The reference's problem, with one part changed after some steps. */
function spoilt(params: Params, after: number, spoil: () => void): Problem<Batch> {
  const problem = problemOf(params);
  let fed = 0;
  return {
    ...problem,
    feed(batch) {
      if (++fed > after) spoil();
      return problem.feed(batch);
    },
  };
}

const KEPT = /the last checkpoint is still good\.$/;

for (const engine of ENGINES) {
  testWith(engine, `an overflow in an epoch's last step gives no checkpoint on ${engine}`, async () => {
    await useEngine(underTest(engine));
    for (const epochs of [1, 2]) { // the rate is beyond float32 in the last step alone
      const params = freshParams(), events: TrainEvent[] = [];
      const last = stepsOf(await collect(problemOf(freshParams()), { epochs })).length;
      const ratesUp: Problem<Batch> = {
        ...problemOf(params),
        evaluate: () => Promise.resolve({ score: events.length }),
      };
      const groups = [{
        prefix: "",
        weightDecay: 0,
        get lr() {
          return stepsOf(events).length === last - 1 ? 1e39 : 1e-3;
        },
      }];
      const run = collect(
        ratesUp,
        { epochs, groups, schedule: "constant", warmup: 0, freeze: [] },
        {},
        (event) => void events.push(event),
      );
      const told = await run.then(() => "", (error: Error) => error.message);
      ok(
        /found -?(Infinity|NaN) at position \d+ of '(body|head)\.(weight|bias)' at step \d+ \(epoch \d\)/
          .test(told),
        told,
      );
      equal(KEPT.test(told), epochs === 2);
      deepEqual(events.map(({ type }) => type).filter((type) => type === "checkpoint").length, epochs - 1);
    }
    await useEngine({ engine: "cpu" });
  });
}

Deno.test("a first step without a finite loss names no checkpoint, a later one does", async () => {
  for (const [after, kept] of [[0, false], [6, true]] as const) {
    const params = freshParams();
    const poison = () => void ((params["head.bias"].dataSync() as Float32Array)[0] = NaN);
    const told = await collect(spoilt(params, after, poison)).then(() => "", (error: Error) => error.message);
    ok(/found a loss of NaN/.test(told) && KEPT.test(told) === kept, told);
  }
});

Deno.test("a dev metric that is not finite is never the best", async () => {
  const scores = [0.1, NaN], events: TrainEvent[] = [];
  const metrics = (evaluation: number) => ({ score: 1, loss: scores[evaluation] });
  await rejects(
    collect(problemOf(freshParams(), { metrics }), { epochs: 2 }, {}, (event) => void events.push(event)),
    /Expected finite metrics on dev but found loss NaN at epoch 2\. Lower .*still good\.$/,
  );
  deepEqual(lastState(events).early, { best: 1, bestEpoch: 0, waited: 0 });
});

Deno.test("if a parameter that is not finite spoils the dev metrics, the message names the parameter", async () => {
  const params = freshParams(), problem = problemOf(params);
  const dead = new Error("no answer");
  const ruined: Problem<Batch> = {
    ...problem,
    evaluate() {
      (params["head.bias"].dataSync() as Float32Array)[1] = NaN;
      return Promise.reject(dead);
    },
  };
  await rejects(collect(ruined), /found NaN at position 1 of 'head\.bias' at step 3 \(epoch 1\)/);
  await rejects(collect({ ...problemOf(freshParams()), evaluate: () => Promise.reject(dead) }), /no answer/);
});

Deno.test("optimiser slots that overflow give no checkpoint", async () => {
  const optimizer = adamW();
  const huge: typeof optimizer = {
    ...optimizer,
    update(values, gradient, state, settings) {
      optimizer.update(values, gradient, state, settings);
      state.slots.exp_avg_sq[0] = Infinity;
    },
  };
  await rejects(
    collect(problemOf(freshParams()), { optimizer: huge }),
    /found Infinity at position 0 of 'optimizer\.exp_avg_sq\.\w+\.\w+' at step 3 \(epoch 1\).*in the input\.$/,
  );
  const unsaved = await Array.fromAsync(train(problemOf(freshParams()), { ...options, optimizer: huge }));
  equal(unsaved.at(-1)!.type, "stopped", "only what is saved is checked");
});

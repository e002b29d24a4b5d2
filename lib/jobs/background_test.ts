import { deepEqual, equal, ok, rejects } from "../testing/assert.ts";
import { DISPLAY } from "../plot/mod.ts";
import { type Background, background } from "./background.ts";
import { infer } from "./infer.ts";
import { smallConfig, smallData } from "./testing.ts";
import type { RunEvent } from "./run_event.ts";
import { trainRun } from "./train.ts";

const timer = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Counts to `end`, yielding to timers each time; stops at the signal, as training does. */
async function* count(end: number, signal?: AbortSignal): AsyncGenerator<number> {
  for (let i = 1; i <= end && !signal?.aborted; i++) {
    yield i;
    await timer();
  }
  if (signal?.aborted) yield -1;
}

Deno.test("a job runs beside other work, and resolves to its last event", async () => {
  const job = background(() => count(5));
  equal(job.state, "running");
  await timer();
  ok(job.events.length > 0 && job.events.length < 5, `${job.events.length} events after one turn`);
  equal(await job.done, 5);
  equal(job.state, "finished");
  deepEqual(job.events, [1, 2, 3, 4, 5]);
});

Deno.test("every iterator yields all events from the first one, during the job and after it", async () => {
  const job = background(() => count(4));
  const early = Array.fromAsync(job);
  await timer();
  const late = Array.fromAsync(job);
  deepEqual([await early, await late, await Array.fromAsync(job)], Array(3).fill([1, 2, 3, 4]));
});

Deno.test("a stopped job can finish in its own way", async () => {
  const job = background((signal) => count(1000, signal));
  for await (const event of job) if (event === 3) break;
  equal(await job.stop(), -1);
  equal(job.state, "stopped");
  ok(job.events.length < 10);
});

Deno.test("a job that ends by throwing the signal's reason was stopped, not failed", async () => {
  const job = background(async function* (signal): AsyncGenerator<number> {
    yield 1;
    await timer();
    signal.throwIfAborted();
  });
  equal(await job.stop(), 1);
  equal(job.state, "stopped");
});

Deno.test("an error is kept until somebody reads it", async () => {
  const job = background(async function* (): AsyncGenerator<number> {
    yield 1;
    await timer();
    throw new Error("no such file");
  });
  await timer();
  await timer();
  await timer(); // an unhandled rejection would end the test here
  equal(job.state, "failed");
  deepEqual(await job[DISPLAY](), { "text/plain": "failed: no such file" });
  await rejects(job.done, /no such file/);
  const seen: number[] = [];
  await rejects(async () => {
    for await (const event of job) seen.push(event);
  }, /no such file/);
  deepEqual(seen, [1]);
});

Deno.test("inference during a background training changes neither the training nor the predictions", async () => {
  const folder = await smallData(), changes = { epochs: 4 };
  const training = (name: string) =>
    background((signal) => trainRun(smallConfig(folder, { ...changes, name }), { signal, controls: false }));
  const losses = ({ events }: Background<RunEvent>) =>
    events.flatMap((event) => event.type === "step" ? event.loss : []);
  const own = { rows: [{ id: "own", split: "test" as const, text: "You did what?" }], root: "" };
  const predict = async () => (await infer(`${folder}/outputs/alone`, own)).predictions;

  const alone = training("alone");
  await alone.done;
  const before = await predict();
  const beside = training("beside");
  for await (const event of beside) {
    if (event.type === "step" || event.type === "prepared") deepEqual(await predict(), before);
  }
  ok(losses(alone).length >= 16);
  deepEqual(losses(beside), losses(alone));
});

Deno.test("result is the event of that type, and a job that stopped before has none", async () => {
  const job = background(async function* () {
    await Promise.resolve();
    yield { type: "step" as const };
    yield { type: "result" as const, score: 3 };
    yield { type: "step" as const };
  });
  const { score }: { score: number } = await job.result();
  equal(score, 3);
  const stopped = background(async function* (signal) {
    await Promise.resolve();
    while (!signal.aborted) {
      yield { type: "step" as const };
      await new Promise((resolve) => setTimeout(resolve));
    }
  });
  await stopped.stop();
  await rejects(stopped.result(), /found one that stopped after \d+ events/);
});

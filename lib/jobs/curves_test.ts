import { deepEqual, equal, match } from "../testing/assert.ts";
import { curvesOf, trainingCurves, updatesOf } from "./curves.ts";
import { runFolder } from "./run_folder.ts";
import { collect, smallConfig, smallData } from "./testing.ts";
import { resumeRun } from "./resume.ts";
import { trainRun } from "./train.ts";

const epochsOf = (events: Parameters<typeof trainingCurves>[0]) =>
  trainingCurves(events).plotly.data[0].x as number[];

Deno.test("the live curves of a resumed run begin at epoch 1", async () => {
  const data = await smallData(), stop = new AbortController();
  const config = smallConfig(data, {
    name: "run",
    epochs: 5,
    text: "none",
    method: "audio_only",
    audio: "log-mel",
  });
  for await (const event of trainRun(config, { controls: false, signal: stop.signal })) {
    if (event.type === "epoch" && event.epoch === 2) stop.abort();
  }
  const { path, events } = runFolder(`${data}/outputs/run`);
  const resumed = await collect(resumeRun(path, { controls: false }));
  const first = resumed.findIndex(({ type }) => type === "epoch");
  deepEqual(epochsOf(resumed.slice(0, first)), [1, 2, 3], "before its first epoch ends");
  deepEqual(epochsOf(resumed), [1, 2, 3, 4, 5]);
  match(trainingCurves(resumed).title, /^run: \d+ steps$/);
  const losses = (await Deno.readTextFile(events)).trim().split("\n").map((line) => JSON.parse(line))
    .filter(({ type }) => type === "epoch").map(({ trainLoss }) => trainLoss);
  deepEqual(trainingCurves(resumed).plotly.data[0].y, losses);
  equal(losses.length, 5);
});

Deno.test("learning rate and gradient norm: the last event of an update counts, many are averaged", () => {
  const step = (step: number, lr: number) => ({ type: "step", step, lr, gradientNorm: 2 * lr });
  const few = updatesOf([step(1, 4), step(2, 3), step(2, 1)], "few");
  deepEqual([few.epochs, few.panels.map(({ series }) => Object.values(series)[0])], [[1, 2], [[4, 1], [
    8,
    2,
  ]]]);
  const many = updatesOf(Array.from({ length: 600 }, (_, i) => step(i + 1, i)), "many");
  deepEqual([many.epochs.length, many.epochs[0], many.panels[0].series.lr[0]], [300, 2, 0.5]);
  const skipping = Array.from(
    { length: 600 },
    (_, i) => ({ ...step(i + 1, 1), ...i < 3 && { gradientNorm: null } }),
  );
  deepEqual(updatesOf(skipping, "skipped").panels[1].series.norm.slice(0, 3), [null, 2, 2]);
});

Deno.test("of 40,000 epochs a curve shows every 134th, the best and the last", () => {
  const epoch = (epoch: number) => ({
    type: "epoch",
    epoch,
    trainLoss: 1 / (epoch + 1),
    dev: { loss: 1, accuracy: 0.5 },
    isBest: epoch === 714,
  });
  const events = Array.from({ length: 40_000 }, (_, i) => epoch(i)),
    { epochs, best, panels } = curvesOf(events, "long");
  deepEqual([epochs.length, epochs[1], epochs.at(-1), best, epochs.includes(715)], [
    301,
    135,
    40_000,
    715,
    true,
  ]);
  equal(panels[0].title, "loss, every 134 epochs");
  deepEqual(panels[0].series.train.length, 301);
});

import { deepEqual, equal, match, ok, rejects } from "../../testing/assert.ts";
import { ablateConfig, type SearchConfig, searchConfig, trainConfig } from "../../config/mod.ts";
import { parseWith } from "../../schema.ts";
import { testWith } from "../../testing/needs.ts";
import { UndertoneError } from "../../errors.ts";
import { collect, smallData } from "../testing.ts";
import { openSearch } from "./open.ts";
import { search, type SearchEvent } from "./search.ts";
import { keepFailure, trialCell } from "./trial.ts";

const data = await smallData();
addEventListener("unload", () => Deno.removeSync(data, { recursive: true }));

const config = (changes: Record<string, unknown> = {}): SearchConfig =>
  parseWith(searchConfig, {
    data: `${data}/manifest.csv`,
    method: "text_only",
    audio: "none",
    search: { lr: { log: [1e-4, 3e-2] }, weight_decay: [0, 0.1] },
    ...{ trials: 3, retrain: 1, epochs: 2, batch_size: 4, out: `${data}/outputs`, cache: `${data}/cache` },
    ...changes,
  }, "the test");

const resultsOf = (events: readonly SearchEvent[]) => {
  const last = events.at(-1)!;
  ok(last.type === "result");
  return last.results;
};
const path = (name: string, file: string) => `${data}/outputs/${name}/${file}`;
const read = async (name: string, file: string) => JSON.parse(await Deno.readTextFile(path(name, file)));
/** Returns the tensors of a run's checkpoint as text. What precedes them names the folder. */
async function weights(name: string, run: string, file = "last"): Promise<string> {
  const bytes = await Deno.readFile(path(name, `${run}/checkpoints/${file}.safetensors`));
  return bytes.subarray(8 + Number(new DataView(bytes.buffer).getBigUint64(0, true))).toBase64();
}

/** Returns everything that a search finds. */
const found = async (name: string) => [
  ...await Promise.all(
    ["results.json", "trials.csv", "winner.json", "trials.svg"].map((file) =>
      Deno.readTextFile(path(name, file))
    ),
  ),
  ...await Promise.all(["trial-0", "trial-1", "trial-2", "winner-s2"].map((run) => weights(name, run))),
];
const isSame = (a: string[], b: string[]) => a.every((text, i) => text === b[i]);

/** Runs a search that is stopped at every epoch, again and again until it is done. */
async function interrupted(given: SearchConfig): Promise<number> {
  for (let stops = 0;; stops++) {
    const stop = new AbortController();
    let isDone = false;
    for await (const event of search(given, { signal: stop.signal })) {
      if ("event" in event && event.event.type === "epoch") stop.abort();
      isDone = event.type === "result";
    }
    if (isDone) return stops;
  }
}

Deno.test("trials are compared on dev, the winner gets fresh seeds, and its files are configurations", async () => {
  const results = resultsOf(await collect(search(config({ name: "first" }))));
  for (const { number, score } of results.trials) {
    const { dev } = await read("first", `trial-${number}/metrics.json`);
    equal(score, dev.metrics.macro_f1);
  }
  const { winner } = results;
  equal(winner!.searched, Math.max(...results.trials.map(({ score }) => score!)));
  deepEqual(winner!.retrained!.seeds, [2]);
  equal(winner!.retrained!.mean, (await read("first", "winner-s2/metrics.json")).dev.metrics.macro_f1);

  const again = trainConfig.parse(await read("first", "winner.json"));
  deepEqual([again.lr, again.weight_decay], [winner!.values.lr, winner!.values.weight_decay]);
  const ablation = ablateConfig.parse(await read("first", "winner.ablation.json"));
  deepEqual(ablation.methods.winner, { method: "text_only", ...winner!.values });
  deepEqual(ablation.seeds, [2]);
});

Deno.test("test is never read: no run has its score, and other labels of test change nothing", async () => {
  const changed = (await Deno.readTextFile(`${data}/manifest.csv`)).split("\n");
  const own = changed.flatMap((line, i) => line.includes(",test,") ? i : []);
  const labels = own.map((i) => changed[i].split(",").at(-1)!);
  own.forEach((i, k) => changed[i] = changed[i].replace(/[^,]+$/, labels[(k + 1) % labels.length]));
  ok(own.some((i, k) => !changed[i].endsWith(labels[k])), "labels have moved");
  await Deno.mkdir(`${data}/moved`);
  await Deno.writeTextFile(`${data}/moved/manifest.csv`, changed.join("\n"));
  await Deno.symlink(`${data}/clips`, `${data}/moved/clips`).catch(() => {});
  await collect(search(config({ name: "other", data: `${data}/moved/manifest.csv` })));
  const before = await read("first", "results.json"), after = await read("other", "results.json");
  deepEqual({ ...after, data: "" }, { ...before, data: "" });
  for (const run of ["trial-0", "trial-1", "trial-2", "winner-s2"]) {
    deepEqual(Object.keys(await read("other", `${run}/metrics.json`)), ["dev"]);
  }
});

Deno.test("asha stops trials and resumes them to the bytes of unbroken ones", async () => {
  const results = resultsOf(await collect(search(config({ name: "asha", strategy: "asha", eta: 2 }))));
  deepEqual(results.rungs, [1, 2]);
  const whole = results.trials.filter(({ epochs }) => epochs === 2).map(({ number }) => number);
  ok(whole.length > 0 && whole.length < 3);
  const random = await read("first", "results.json");
  for (const number of whole) {
    equal(results.trials[number].score, random.trials[number].score);
    const run = `trial-${number}`;
    for (const file of ["last", "best"]) {
      ok(await weights("asha", run, file) === await weights("first", run, file));
    }
  }
});

Deno.test("a trial that diverges counts as failed, and is not tried again", async () => {
  const given = config({ name: "wild", search: { lr: { choose: [1e-3, 1e38] } }, trials: 4, retrain: 0 });
  const first = await collect(search(given)), { trials, winner } = resultsOf(first);
  const failed = trials.filter(({ failed }) => failed !== undefined);
  ok(failed.length > 0 && failed.length < 4);
  for (const { values, score, failed: reason } of failed) {
    deepEqual([values.lr, score], [1e38, null]);
    match(reason!, /finite/);
  }
  equal(winner!.values.lr, 1e-3);
  const second = await collect(search(given));
  deepEqual(resultsOf(second), resultsOf(first));
  ok(!second.some(({ type }) => type === "trial"), "nothing is trained again");
});

Deno.test("options that can't go together fail their trial alone, with the reason", async () => {
  // 8 is no multiple of 3; every value goes together with the first one of the other option.
  const given = config({
    name: "pairs",
    method: "memocmt",
    audio: "log-mel",
    search: { "options.width": { choose: [12, 8] }, "options.heads": { choose: [4, 3] } },
    ...{ trials: 3, retrain: 0, epochs: 1 },
  });
  const { trials, winner } = resultsOf(await collect(search(given)));
  const isWrong = ({ values }: { values: Record<string, unknown> }) =>
    values["options.width"] === 8 && values["options.heads"] === 3;
  const wrong = trials.filter(isWrong);
  ok(wrong.length > 0 && wrong.length < 3);
  for (const { score, failed } of wrong) {
    equal(score, null);
    match(failed!, /width.*heads|heads.*width/s);
  }
  ok(trials.every((trial) => isWrong(trial) || trial.failed === undefined));
  ok(winner && !isWrong(winner));
});

Deno.test("a fresh seed of the winner that diverges is reported, and the search still ends", async () => {
  const given = config({ name: "unlucky", trials: 1, retrain: 2 });
  const { winner } = resultsOf(await collect(search(given)));
  deepEqual(winner!.retrained!.seeds, [2, 3]);
  const open = await openSearch(given, {}), { config: own, shared } = open;
  const cell = trialCell(own, winner!.values, { id: "winner-s2", ...shared, seed: 2 });
  await Deno.remove(path("unlucky", "winner-s2"), { recursive: true });
  await keepFailure(cell, shared, new UndertoneError("The loss is not finite."));
  const events = await collect(search(given)), again = resultsOf(events).winner!;
  deepEqual(again.retrained!.seeds, [3]);
  equal(again.retrained!.mean, winner!.retrained!.values[1]);
  deepEqual(again.failed, [{ seed: 2, reason: "The loss is not finite." }]);
  const [told] = events.filter((event) => event.type === "retrained");
  deepEqual([told.seed, told.score, told.failed], [2, null, "The loss is not finite."]);
});

Deno.test("a folder that holds other trials is refused, and --overwrite trains them again", async () => {
  const short = { trials: 1, retrain: 0 };
  const other = config({
    name: "first",
    search: { lr: { log: [1e-5, 1e-4] }, weight_decay: [0, 0.1] },
    ...short,
  });
  await rejects(collect(search(other)), /trained differently, e\.g\. trial-0 \(lr.*--overwrite/);
  const results = resultsOf(await collect(search(other, { overwrite: true })));
  ok(results.trials.every(({ values }) => values.lr as number <= 1e-4));
});

testWith("time", "searches that are stopped at every epoch end in the same bytes", async () => {
  for (const strategy of ["random", "asha", "tpe"]) {
    const changes = { strategy, eta: 2, trials: 12 };
    await collect(search(config({ name: strategy, ...changes })));
    ok(await interrupted(config({ name: `${strategy}-stopped`, ...changes })) > 3);
    ok(isSame(await found(`${strategy}-stopped`), await found(strategy)), strategy);
  }
});

Deno.test("a search that may try half precision tells its gain, or that the engine lacks it", async () => {
  const search = { precision: ["fp32", "fp16"] };
  const { notes } = await openSearch(config({ name: "half", search }), {});
  equal(notes.filter((note) => /fp16 saves neither time nor memory/.test(note)).length, 1);
  await rejects(
    openSearch(config({ name: "half", search, engine: "cpu" }), {}),
    /Expected an engine with half precision but found cpu/,
  );
});

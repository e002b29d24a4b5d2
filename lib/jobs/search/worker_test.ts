import { deepEqual, equal, match, ok } from "../../testing/assert.ts";
import { type SearchConfig, searchConfig } from "../../config/mod.ts";
import { parseWith } from "../../schema.ts";
import { testWith } from "../../testing/needs.ts";
import { collect, smallData } from "../testing.ts";
import { launchedSearch, planSearchLaunch } from "./launch.ts";
import { search, type SearchEvent } from "./search.ts";
import { searchStatus } from "./status.ts";
import { searchWorker } from "./worker.ts";

const data = await smallData();
addEventListener("unload", () => Deno.removeSync(data, { recursive: true }));

const config = (name: string, changes: Record<string, unknown> = {}): SearchConfig =>
  parseWith(searchConfig, {
    data: `${data}/manifest.csv`,
    method: "text_only",
    audio: "none",
    search: { lr: { log: [1e-4, 3e-2] } },
    ...{ trials: 4, retrain: 1, epochs: 2, batch_size: 4, out: `${data}/outputs`, cache: `${data}/cache` },
    ...{ name, ...changes },
  }, "the test");

const resultsIn = (name: string) => Deno.readTextFile(`${data}/outputs/${name}/results.json`);

/** Returns the trials that a process trained, as `number to epochs`. */
const trainedBy = (events: readonly SearchEvent[]) =>
  events.flatMap((event) =>
    event.type === "tried" && !event.before ? `${event.trial.number} to ${event.trial.epochs}` : []
  );
const began = (events: readonly SearchEvent[]) =>
  events.flatMap((event) => event.type === "trial" && event.event.type === "prepared" ? event.number : []);

Deno.test("two workers train each trial once, and the search then gives the results of one process", async () => {
  await collect(search(config("alone")));
  const given = config("shared");
  const workers = await Promise.all([collect(searchWorker(given)), collect(searchWorker(given))]);
  ok(workers.every((events) => trainedBy(events).length > 0), "both have trained");
  deepEqual(workers.flatMap(began).sort(), [0, 1, 2, 3]);
  const last = await collect(search(given));
  deepEqual(trainedBy(last), []);
  equal(await resultsIn("shared"), await resultsIn("alone"));
  deepEqual([...Deno.readDirSync(`${data}/outputs/shared`)].filter(({ name }) => /claim/.test(name)), []);
});

Deno.test("the trial of a worker that died is taken on from its checkpoint", async () => {
  const given = config("died"), stop = new AbortController(), folder = `${data}/outputs/died`;
  for await (const event of searchWorker(given, { signal: stop.signal })) {
    if (event.type === "trial" && event.event.type === "epoch") stop.abort();
  }
  // A file that no process holds locked is what a killed process leaves.
  const sign = await Deno.makeTempFile({ dir: data });
  await Deno.writeTextFile(`${folder}/trial-0.claim`, sign);
  const events = await collect(searchWorker(given));
  deepEqual(trainedBy(events), ["0 to 2", "1 to 2", "2 to 2", "3 to 2"]);
  const epochs = events.flatMap((event) =>
    event.type === "trial" && event.number === 0 && event.event.type === "epoch" ? event.event.epoch : []
  );
  deepEqual(epochs, [1], "its first epoch is not trained again");
  await collect(search(given));
  equal(await resultsIn("died"), await resultsIn("alone"));
});

Deno.test("a worker waits for a trial that another one trains, and stops at the signal", async () => {
  const given = config("alone"), path = `${data}/outputs/alone/trial-2.claim`;
  await Deno.writeTextFile(path, ""); // its process may be on another host
  const stop = new AbortController(), tried: number[] = [];
  for await (const event of searchWorker(given, { signal: stop.signal })) {
    if (event.type === "tried") tried.push(event.trial.number);
    if (tried.length === 3) stop.abort();
  }
  deepEqual(tried, [0, 1, 3]);
  await Deno.remove(path);
});

Deno.test("a launch has a worker for each job, says what they change, and its file is a configuration", async () => {
  const given = config("launched", { strategy: "tpe", trials: 12 });
  const plan = await planSearchLaunch(given, { launcher: "slurm", jobs: 3 });
  equal(plan.workers, 3);
  match(plan.script(), /--array=1-3%16/);
  match(plan.script(), /tasks\/search\.ts'? .*--worker="\$part"\/3/);
  match(plan.notes.join(), /one trial at a time, so that 2 of 3 workers wait\. With --at-once 3/);
  const few = await planSearchLaunch(config("launched"), { launcher: "local", jobs: 99 });
  deepEqual([few.workers, few.notes], [4, []]);
  const asha = await planSearchLaunch(config("x", { strategy: "asha" }), { launcher: "local", jobs: 2 });
  match(asha.notes.join(), /The results are those of one process/);
});

Deno.test("the state of a trial that waits between two rungs is paused, with its rung", async () => {
  const given = config("paused", { strategy: "asha", trials: 3, eta: 2, epochs: 4 });
  await collect(searchWorker(given));
  const folder = `${data}/outputs/paused`;
  await Deno.mkdir(`${folder}/launch`);
  await Deno.writeTextFile(`${folder}/launch/config.json`, JSON.stringify(given));
  const { trials, of } = await searchStatus(folder),
    paused = trials.filter(({ state }) => state === "paused");
  equal(of, 3);
  ok(paused.length > 0);
  for (const { rung, epoch, epochs } of paused) deepEqual([epoch, epochs], [[1, 2][rung! - 1], 4]);
});

testWith(
  "time",
  "processes of a launch give the results of one, and its status knows the trials",
  async () => {
    for (const [strategy, trials] of [["random", 4], ["asha", 6], ["tpe", 13]] as const) {
      const changes = { strategy, trials, eta: 2, at_once: 2 };
      await collect(search(config(`${strategy}-one`, changes)));
      const given = config(`${strategy}-two`, changes);
      const plan = await planSearchLaunch(given, { launcher: "local", jobs: 2, threads: 1 });
      deepEqual([...(await plan.launch()).failed], []);
      const status = await searchStatus(plan.folder);
      equal(status.trials.length, trials);
      ok(
        status.trials.every(({ state }) => state === "done" || (strategy === "asha" && state === "paused")),
      );
      deepEqual(parseWith(searchConfig, await launchedSearch(plan.folder) as object, "the launch"), given);
      const last = await collect(search(given));
      if (strategy !== "asha") deepEqual(trainedBy(last), []);
      equal(await resultsIn(`${strategy}-two`), await resultsIn(`${strategy}-one`));
    }
  },
);

/**
 * Ablations and encodings on a real Slurm of one node give the bytes of local processes, whatever befalls
 * them.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type AblateConfig, ablateConfig, type SearchConfig, searchConfig } from "../lib/config/mod.ts";
import {
  ablate,
  cancelLaunch,
  launchFolder,
  launchStatus,
  planLaunch,
  planSearchLaunch,
  search,
  searchStatus,
} from "../lib/jobs/mod.ts";
import { collect, smallData } from "../lib/jobs/testing.ts";
import { runFolder } from "../lib/jobs/run_folder.ts";
import { queueStates, readLaunch } from "../lib/launch/mod.ts";
import { random } from "../lib/random.ts";
import { parseWith } from "../lib/schema.ts";
import { amount, isLong } from "../lib/testing/amount.ts";
import { deepEqual, equal, ok } from "../lib/testing/assert.ts";
import { testWith } from "../lib/testing/needs.ts";
import { startSlurm } from "../lib/testing/slurm.ts";
import { befall, FATES, untilIdle } from "./slurm_fates.ts";

const ANY = { mem: 600, time: 20 };

async function prepared(changes: Partial<Record<keyof AblateConfig, unknown>>) {
  const data = await smallData();
  const config = parseWith(ablateConfig, {
    data: `${data}/manifest.csv`,
    batch_size: 4,
    threads: 1,
    name: "cells",
    out: `${data}/outputs`,
    cache: `${data}/cache`,
    ...changes,
  }, "the test") as AblateConfig;
  return { data, config, folder: `${data}/outputs/cells` };
}

/**
 * Returns the bytes of what the cells have made, by name. Times are left out, and with them how often dev was
 * read: once more if a kill came right after it.
 */
async function made(folder: string, ids: readonly string[]): Promise<Map<string, Uint8Array | string>> {
  const bytes = new Map<string, Uint8Array | string>();
  for (const id of ids) {
    const run = runFolder(`${folder}/${id}`);
    for (const path of [run.best, run.last, run.predictions("dev"), run.config, run.rows]) {
      bytes.set(path, await Deno.readFile(path));
    }
    const metrics = await Deno.readTextFile(run.metrics);
    bytes.set(run.metrics, metrics.replaceAll(/("\d{4}-\d\d-\d\dT[\d:.]+Z"[,\s]*)+/g, "times"));
  }
  return bytes;
}

/**
 * Trains the cells as local processes, which leave test alone as Slurm's do, and takes their folder away.
 * Returns what they made, and their names.
 */
async function localBytes(config: AblateConfig, folder: string) {
  const plan = await planLaunch({ ...config, test: false }, { launcher: "local", jobs: 2, threads: 1 });
  const { failed } = await plan.launch();
  deepEqual([...failed], []);
  const ids = plan.cells.map(({ id }) => id), bytes = await made(folder, ids);
  await Deno.remove(folder, { recursive: true });
  return { ids, bytes };
}

testWith("slurm", "cells on Slurm equal those of local processes, to the byte", async () => {
  using _ = startSlurm();
  const { data, config, folder } = await prepared({
    methods: { text_only: {} },
    seeds: [1, 2],
    audio: "none",
    epochs: 1,
  });
  const local = await localBytes(config, folder);
  const plan = await planLaunch(config, { launcher: "slurm", slurm: ANY });
  deepEqual((await plan.launch()).started, [1, 2]);
  const again = await (await planLaunch(config, { launcher: "slurm", slurm: ANY })).launch();
  deepEqual([again.started, again.queued], [[], [1, 2]], "what is in the queue is not submitted again");
  await untilIdle(launchFolder(folder));
  deepEqual((await launchStatus(folder)).cells.map(({ state }) => state), ["done", "done"]);
  deepEqual(await made(folder, local.ids), local.bytes);
  await Deno.remove(data, { recursive: true });
});

testWith(["slurm", "time"], "workers of a search on Slurm give the results of one process", async () => {
  using _ = startSlurm();
  const data = await smallData();
  const config = (name: string): SearchConfig =>
    parseWith(searchConfig, {
      ...{ data: `${data}/manifest.csv`, method: "text_only", audio: "none", batch_size: 4, threads: 1 },
      ...{ search: { lr: { log: [1e-4, 3e-2] } }, trials: 4, retrain: 1, epochs: 1 },
      ...{ name, out: `${data}/outputs`, cache: `${data}/cache` },
    }, "the test");
  await collect(search(config("one")));
  const plan = await planSearchLaunch(config("slurm"), { launcher: "slurm", jobs: 2, slurm: ANY });
  deepEqual((await plan.launch()).started, [1, 2]);
  await untilIdle(launchFolder(plan.folder));
  const { trials, workers } = await searchStatus(plan.folder);
  deepEqual([trials.map(({ state }) => state), workers], [Array(4).fill("done"), { running: 0, queued: 0 }]);
  const trained = (await collect(search(config("slurm"))))
    .filter((event) => event.type === "tried" && !event.before);
  deepEqual(trained, []);
  const results = (name: string) => Deno.readTextFile(`${data}/outputs/${name}/results.json`);
  equal(await results("slurm"), await results("one"));
  await Deno.remove(data, { recursive: true });
});

testWith(
  ["slurm", "time"],
  "six cells that are killed, stopped, preempted and requeued at random equal those of local processes",
  async () => {
    const KILLS = amount(3, 50), { uniform, integer } = random(7);
    using slurm = startSlurm();
    const { data, config, folder } = await prepared({
      methods: { text_only: {}, early_fusion: {}, audio_only: {} },
      seeds: [1, 2],
      audio: "log-mel",
      epochs: 30,
      patience: 30,
    });
    const local = await localBytes(config, folder);
    equal(local.ids.length, 6);
    const counts = Object.fromEntries([...FATES, "restart", "round", "launch"].map((fate) => [fate, 0]));
    while (counts.kill < KILLS) {
      await Deno.remove(folder, { recursive: true }).catch(() => {});
      if (counts.round === 0) await cancelled(config, folder);
      let restarts = 1;
      for (;;) {
        const plan = await planLaunch(config, { launcher: "slurm", slurm: { ...ANY, requeues: 100 } });
        if (plan.missing.length === 0) break;
        await plan.launch();
        counts.launch++;
        await untilIdle(launchFolder(folder), async () => {
          await delay(uniform() * 2000);
          const fate = FATES[integer(FATES.length)];
          const cell = {
            draw: integer(1000),
            words: [`--config=${launchFolder(folder)}/`],
            part: "cell" as const,
          };
          if (counts.kill < KILLS && await befall(launchFolder(folder), fate, cell)) {
            counts[fate]++;
            if (isLong) console.log(`${fate} ${counts[fate]}`);
          }
          if (restarts > 0 && uniform() < 0.2) {
            restarts--;
            slurm.restart();
            counts.restart++;
          }
        });
      }
      deepEqual(await made(folder, local.ids), local.bytes);
      counts.round++;
      console.log(
        `six cells, equal bytes: ${Object.entries(counts).map((pair) => pair.join(" ")).join(", ")}`,
      );
    }
    const [table] = (await collect(ablate(config))).slice(-1);
    ok(table.type === "result");
    await Deno.remove(data, { recursive: true });
  },
);

/** Launches the cells, cancels them while they run, and sees that they stay away. */
async function cancelled(config: AblateConfig, folder: string): Promise<void> {
  await (await planLaunch(config, { launcher: "slurm", slurm: ANY })).launch();
  const { submissions } = (await readLaunch(launchFolder(folder)))!;
  while (![...(await queueStates(launchFolder(folder), submissions)).values()].includes("running")) {
    await delay(200);
  }
  equal((await cancelLaunch(folder)).length, 6);
  await untilIdle(launchFolder(folder));
  await delay(3000); // a requeued job would be back in the queue
  equal((await queueStates(launchFolder(folder), submissions)).size, 0);
}

testWith(
  ["slurm", "time"],
  "Slurm's own time limit stops and requeues cells, to the same bytes",
  async () => {
    using _ = startSlurm();
    const cells = { methods: { text_only: {} }, seeds: [1, 2], audio: "none" };
    const ofEpochs = (epochs: number) => prepared({ ...cells, epochs, patience: epochs });
    const PACE = 6000, LENGTH = 300_000, began = performance.now(), quick = await ofEpochs(PACE);
    await localBytes(quick.config, quick.folder); // the cells then take about LENGTH ms, on any machine
    await Deno.remove(quick.data, { recursive: true });
    const epochs = Math.ceil(PACE * LENGTH / (performance.now() - began));
    const { data, config, folder } = await ofEpochs(epochs);
    const local = await localBytes(config, folder);
    // Slurm looks every 30 s, and sends USR2 if a job has less left than the script's 90 s and those 30 s:
    // here 60 to 90 s after its start.
    const slurm = { mem: 600, time: 3, requeues: 100 };
    const plan = await planLaunch(config, { launcher: "slurm", slurm });
    await plan.launch();
    await untilIdle(launchFolder(folder));
    const { cells: ended } = await launchStatus(folder);
    deepEqual(ended.map(({ state }) => state), ["done", "done"]);
    const logs = ended.map(({ log }) => Deno.readTextFileSync(log!));
    const stops = logs.map((log) => log.split("Stopped, and back in Slurm's queue.").length - 1);
    console.log(`stopped by Slurm before their time limit of 3 minutes: ${stops.join(" and ")} times`);
    ok(stops.some((times) => times > 0));
    ok(logs.every((log) => !log.includes("DUE TO TIME LIMIT")), "no cell reached the limit itself");
    ok(logs.every((log) => !log.includes("was cancelled")), "no cell took another's requeue for its end");
    deepEqual(await made(folder, local.ids), local.bytes);
    await Deno.remove(data, { recursive: true });
  },
);

testWith(
  ["slurm", "time"],
  "four shards that are killed at random fill the cache as local ones do",
  async () => {
    const KILLS = amount(2, 20), { uniform, integer } = random(11);
    using slurm = startSlurm();
    const data = await smallData({ train: 120, dev: 40, test: 40 });
    const encoding = (cache: string) => [
      ...[`--data=${data}/manifest.csv`, "--audio=acoustic", `--cache=${cache}`, "--threads=1"],
      "--shards=4",
    ];
    await encode(...encoding(`${data}/local`), "--launch=local");
    const local = await filesIn(`${data}/local`);
    ok(local.size >= 8);
    const counts = Object.fromEntries([...FATES, "restart", "round", "launch"].map((fate) => [fate, 0]));
    while (counts.kill < KILLS) {
      const cache = `${data}/slurm-${counts.round}`;
      for (let restarts = 1;;) {
        await encode(...encoding(cache), "--launch=slurm", "--slurm.mem=600", "--slurm.time=20");
        counts.launch++;
        const [launch] = [...Deno.readDirSync(`${cache}/launches`)],
          folder = `${cache}/launches/${launch.name}`;
        let befallen = 0;
        await untilIdle(folder, async () => {
          await delay(uniform() * 1500);
          const fate = FATES[integer(FATES.length)];
          const shard = { draw: integer(1000), words: [`--cache=${cache}`], part: "shard" as const };
          if (counts.kill < KILLS && await befall(folder, fate, shard)) counts[fate]++, befallen++;
          if (restarts > 0 && uniform() < 0.2) {
            restarts--;
            slurm.restart();
            counts.restart++;
          }
        });
        if (befallen === 0) break; // all parts of the last launch have ended by themselves
      }
      deepEqual(await filesIn(cache), local);
      counts.round++;
      console.log(
        `four shards, equal bytes: ${Object.entries(counts).map((pair) => pair.join(" ")).join(", ")}`,
      );
    }
    await Deno.remove(data, { recursive: true });
  },
);

async function encode(...args: string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "encode", ...args],
    env: { NO_COLOR: "1" },
  }).output();
  equal(code, 0, new TextDecoder().decode(stderr));
}

/** Returns the shards in a cache by encoder and name, which is the hash of their bytes. */
async function filesIn(cache: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const { name, isDirectory } of Deno.readDirSync(cache)) {
    if (!isDirectory || name === "launches") continue;
    for (const { name: file } of Deno.readDirSync(`${cache}/${name}`)) {
      if (!file.endsWith(".safetensors")) continue; // a killed process leaves its claim
      files.set(`${name}/${file}`, await Deno.readFile(`${cache}/${name}/${file}`));
    }
  }
  return new Map([...files].sort());
}

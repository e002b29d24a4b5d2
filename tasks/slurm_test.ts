/**
 * Ablations and encodings on a real Slurm of one node give the bytes of local processes, whatever befalls
 * them.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type AblateConfig, ablateConfig } from "../lib/config/mod.ts";
import { ablate, cancelLaunch, launchFolder, launchStatus, planLaunch } from "../lib/jobs/mod.ts";
import { collect, smallData } from "../lib/jobs/testing.ts";
import { runFolder } from "../lib/jobs/run_folder.ts";
import { queueStates, readLaunch } from "../lib/launch/mod.ts";
import { random } from "../lib/random.ts";
import { parseWith } from "../lib/schema.ts";
import { amount, isLong } from "../lib/testing/amount.ts";
import { deepEqual, equal, ok } from "../lib/testing/assert.ts";
import { testWith } from "../lib/testing/needs.ts";
import { startSlurm } from "../lib/testing/slurm.ts";

const ANY = { mem: 600, time: 20 };

/** What a test does to jobs. */
const FATES = ["kill", "kill", "time limit", "preemption", "requeue"] as const;

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

/** Returns the bytes of what the cells have made, by name. Times are left out. */
async function made(folder: string, ids: readonly string[]): Promise<Map<string, Uint8Array | string>> {
  const bytes = new Map<string, Uint8Array | string>();
  for (const id of ids) {
    const run = runFolder(`${folder}/${id}`);
    for (const path of [run.best, run.last, run.predictions("dev"), run.config, run.rows]) {
      bytes.set(path, await Deno.readFile(path));
    }
    const metrics = await Deno.readTextFile(run.metrics);
    bytes.set(run.metrics, metrics.replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, "a time"));
  }
  return bytes;
}

/**
 * Trains the cells as local processes, and takes their folder away. Returns what they made, and their
 * names.
 */
async function localBytes(config: AblateConfig, folder: string) {
  const plan = await planLaunch(config, { launcher: "local", jobs: 2, threads: 1 });
  const { failed } = await plan.launch();
  deepEqual([...failed], []);
  const ids = plan.cells.map(({ id }) => id), bytes = await made(folder, ids);
  await Deno.remove(folder, { recursive: true });
  return { ids, bytes };
}

/** Waits until nothing of a launch is in the queue. */
async function untilIdle(
  folder: string,
  during: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { submissions } = (await readLaunch(launchFolder(folder)))!;
  while ((await queueStates(submissions)).size > 0) await Promise.all([during(), hasten(), delay(200)]);
}

/** Starts requeued jobs now: Slurm would wait two minutes before it starts them again. */
async function hasten(): Promise<void> {
  const squeue = new Deno.Command("squeue", { args: ["--noheader", "--states=PENDING", "--format=%i %r"] });
  for (const line of new TextDecoder().decode((await squeue.output()).stdout).split("\n")) {
    const [job, reason] = line.trim().split(" ");
    if (reason !== "BeginTime") continue;
    await new Deno.Command("scontrol", { args: ["update", `JobId=${job}`, "StartTime=now"] }).output();
  }
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
  await untilIdle(folder);
  deepEqual((await launchStatus(folder)).cells.map(({ state }) => state), ["done", "done"]);
  deepEqual(await made(folder, local.ids), local.bytes);
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
        await untilIdle(folder, async () => {
          await delay(uniform() * 4000);
          const fate = FATES[integer(FATES.length)];
          if (counts.kill < KILLS && await befall(folder, fate, integer(1000))) {
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
  while (![...(await queueStates(submissions)).values()].includes("running")) await delay(200);
  equal((await cancelLaunch(folder)).length, 6);
  await untilIdle(folder);
  await delay(3000); // a requeued job would be back in the queue
  equal((await queueStates(submissions)).size, 0);
}

/** Does something to one of the running cells. Returns whether there was one. */
async function befall(folder: string, fate: typeof FATES[number], draw: number): Promise<boolean> {
  const { submissions } = (await readLaunch(launchFolder(folder)))!;
  const running = [...await queueStates(submissions)].filter(([, state]) => state === "running");
  if (running.length === 0) return false;
  const [cell] = running[draw % running.length];
  const { job, parts } = submissions.findLast((each) => each.parts.includes(cell))!;
  const task = `${job}_${parts.indexOf(cell) + 1}`;
  const words = {
    "kill": ["scancel", "--signal=KILL", "--batch", task],
    "time limit": ["scancel", "--signal=USR2", "--batch", task],
    "preemption": ["scancel", "--signal=TERM", "--batch", task],
    "requeue": ["scontrol", "requeue", task],
  }[fate];
  if (fate === "kill") return await kill(`--config=${launchFolder(folder)}/config.json`, `--cell=${cell}/`);
  return (await new Deno.Command(words[0], { args: words.slice(1), stderr: "null" }).output()).success;
}

/** Kills the process whose command has some words, as a lack of memory does. Returns whether there is one. */
async function kill(...words: string[]): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", { args: ["-ewwo", "pid=,args="] }).output();
  const line = new TextDecoder().decode(stdout).split("\n").find((line) =>
    words.every((word) => line.includes(word))
  );
  if (!line) return false;
  try {
    Deno.kill(parseInt(line), "SIGKILL");
    return true;
  } catch {
    return false; // it has just ended
  }
}

testWith(["slurm", "time"], "four shards on Slurm fill the cache as four local ones do", async () => {
  using _ = startSlurm();
  const data = await smallData();
  const states: Map<string, Uint8Array>[] = [];
  for (const words of [["local"], ["slurm", "--slurm.mem=600", "--slurm.time=20"]]) {
    const cache = `${data}/cache-${words[0]}`;
    const flags = [`--data=${data}/manifest.csv`, "--audio=log-mel", `--cache=${cache}`, "--threads=1"];
    await encode(...flags, "--shards=4", `--launch=${words[0]}`, ...words.slice(1));
    const [launch] = [...Deno.readDirSync(`${cache}/launches`)];
    const { submissions } = (await readLaunch(`${cache}/launches/${launch.name}`))!;
    while ((await queueStates(submissions)).size > 0) await delay(200);
    states.push(await filesIn(cache));
  }
  ok(states[0].size >= 8);
  deepEqual(states[1], states[0]);
  await Deno.remove(data, { recursive: true });
});

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
    for (const file of [...Deno.readDirSync(`${cache}/${name}`)].map(({ name }) => name).sort()) {
      files.set(`${name}/${file}`, await Deno.readFile(`${cache}/${name}/${file}`));
    }
  }
  return new Map([...files].sort());
}

/** Launches the shards of an encoding as jobs of Slurm or as processes, from a terminal. */
import { join } from "node:path";
import { fingerprint } from "../../lib/encoders/mod.ts";
import { UndertoneError } from "../../lib/errors.ts";
import { neededPaths } from "../../lib/jobs/mod.ts";
import {
  type JobArray,
  jobScript,
  placesOf,
  ranges,
  type SlurmOptions,
  startArray,
} from "../../lib/launch/mod.ts";
import { flagsOf } from "../cli/flags.ts";
import { requireNodes, tellStarted } from "../cli/launch.ts";
import type { PrintJson } from "../cli/main.ts";
import { progress } from "../cli/progress.ts";
import { count } from "../cli/show.ts";

/** Flags of a launch. */
interface LaunchFlags {
  launch: "slurm" | "local";
  shards: number;
  jobs: number;
  threads?: number;
  slurm: SlurmOptions;
  dry_run: boolean;
}

/** What the shards encode: flags of the task. */
interface Encoding extends Record<string, unknown> {
  data: string;
  text: string;
  audio: string;
  cache: string;
  use: string[];
}

/**
 * Launches all shards; those that are encoded end at once. Returns whether all have ended: processes of this
 * machine are waited for, jobs of Slurm are not.
 */
export async function launchShards(
  encoding: Encoding,
  { launch: launcher, shards, jobs, threads, slurm, dry_run }: LaunchFlags,
  signal: AbortSignal,
  json: PrintJson,
): Promise<boolean> {
  const { data, text, audio, cache, use } = encoding;
  const hash = fingerprint(JSON.stringify(encoding)), flags = flagsOf(encoding);
  const array: JobArray = {
    folder: join(cache, "launches", `${hash.slice(0, 8)}-${shards}`),
    name: `encode-${hash.slice(0, 8)}`,
    task: "encode",
    set: "encode",
    flags,
    part: "shard",
    size: shards,
  };
  const numbers = Array.from({ length: shards }, (_, i) => i + 1);
  if (dry_run) {
    const script = jobScript(array, { submission: 1, tasks: shards }, slurm);
    console.log(launcher === "slurm" ? script : `deno task encode --shard for ${ranges(numbers)}`);
    json({ shards, ...launcher === "slurm" && { script } });
    return false;
  }
  const bar = launcher === "local" ? progress("shards") : undefined;
  let done = 0;
  bar?.update(0, shards);
  const started = await startArray(array, {
    all: numbers.map((number) => ({ id: `shard ${number}`, hash })),
    wanted: numbers,
    paths: neededPaths({ data, use, encoders: [text, audio] }),
    prepare: () => Promise.resolve(),
  }, { launcher, jobs, threads, slurm, signal, onEnd: () => bar?.update(++done, shards) })
    .finally(() => bar?.end());
  if (launcher === "local") {
    if (started.failed.size > 0) throw await failure(array, started.failed);
    return true;
  }
  tellStarted(started, "shard");
  if (started.started.length > 0) await requireNodes(array.folder, signal);
  console.log(`Their logs: ${placesOf(array.folder).logs}; squeue --me shows how far they are.`);
  console.log(
    "When all are done, the same command without --launch and --shards tells what can't be encoded.",
  );
  json({ shards, ...started });
  return false;
}

async function failure({ folder }: JobArray, failed: ReadonlyMap<number, number>): Promise<UndertoneError> {
  const [[number, code]] = failed, log = join(placesOf(folder).logs, `${number}.log`);
  const words = (await Deno.readTextFile(log).catch(() => "")).trim().split("\n").at(-1);
  return new UndertoneError(
    `${count(failed.size, "shard")} failed, e.g. ${number} (exit code ${code}): ${
      words || "no word"
    }. Its log ` +
      `is ${log}. What was encoded is kept: the same command encodes what is missing.`,
    "input",
  );
}

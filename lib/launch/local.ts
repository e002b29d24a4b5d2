/** Runs the parts of a job array in processes of this machine, each of which takes the next part. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { hasDied } from "../files/mod.ts";
import { type JobArray, placesOf } from "./array.ts";
import { type HandedPart, handParts } from "./handing.ts";
import type { Submission } from "./record.ts";
import type { QueueState } from "./slurm.ts";

/** Options of a local array. */
export interface LocalOptions {
  /** Processes at a time. */
  jobs: number;
  /** Threads of each process; default: the cores, divided between the processes. */
  threads?: number;
  /** Stops all processes at their next safe place. */
  signal?: AbortSignal;
  /** Called when a part has ended, with its exit code. */
  onEnd?(part: number, code: number): void;
}

/** Returns the threads of each of some processes. */
export const threadsFor = (jobs: number, cores: number = navigator.hardwareConcurrency): number =>
  Math.max(1, Math.floor(cores / jobs));

/**
 * Runs parts of an array, and returns those that failed with their exit codes. A part that fails or is killed
 * takes no other with it: the next one starts a new process. Each part's output goes to `logs/<part>.log`.
 * Throws UndertoneError if Deno can't be started.
 */
export async function runLocally(
  array: JobArray,
  parts: readonly number[],
  { jobs, threads = threadsFor(jobs), signal, onEnd }: LocalOptions,
): Promise<Map<number, number>> {
  const failed = new Map<number, number>(), { logs } = placesOf(array.folder);
  await Deno.mkdir(logs, { recursive: true });
  const left = parts.map((number) => ({ number, again: false }));
  const again = array.twice ? parts.map((number) => ({ number, again: true })) : [];
  const first = Promise.withResolvers<void>(), take = () => signal?.aborted ? undefined : left.shift();
  let open = parts.length;
  signal?.addEventListener("abort", () => first.resolve(), { once: true });
  const options = {
    ...{ threads, signal },
    log: (part: number) => join(logs, `${part}.log`),
    async next() {
      const part = take();
      if (part || again.length === 0) return part;
      await first.promise; // the process keeps what it has read
      return failed.size > 0 || signal?.aborted ? undefined : again.shift();
    },
    onEnd({ number, again }: HandedPart, code: number) {
      if (again) return; // whoever started the launch does what is missing
      if (code !== 0 && !signal?.aborted) failed.set(number, code);
      onEnd?.(number, code);
      if (--open === 0) first.resolve();
    },
  };
  const work = async () => {
    for (let part = take(); part; part = take()) await handParts(array, part, options);
  };
  await Promise.all(Array.from({ length: Math.min(jobs, parts.length) }, work));
  return failed;
}

/** Returns whether a launch on this machine still runs. */
export function isAttended(submissions: readonly Submission[]): boolean {
  const alive = submissions.at(-1)?.alive;
  return alive !== undefined && existsSync(alive) && !hasDied(alive);
}

/** Returns the states of the parts that the newest launch on this machine has not ended yet, if it runs. */
export async function processStates(
  folder: string,
  submissions: readonly Submission[],
): Promise<Map<number, QueueState>> {
  const { parts, ended = [], at } = submissions.at(-1) ?? { parts: [] }, { logs } = placesOf(folder);
  const states = new Map<number, QueueState>();
  if (!isAttended(submissions)) return states;
  for (const part of parts.filter((part) => !ended.includes(part))) {
    const log = await Deno.stat(join(logs, `${part}.log`)).catch(() => undefined);
    states.set(part, Number(log?.mtime ?? 0) >= Date.parse(at!) ? "running" : "queued");
  }
  return states;
}

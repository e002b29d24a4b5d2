/** Runs the parts of a job array as processes of this machine, some at a time. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { badInput } from "../errors.ts";
import { hasDied } from "../files/mod.ts";
import { commandOf, type JobArray, placesOf } from "./array.ts";
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

/** Tells a process to stop when its standard input ends: so it also stops if this process is killed. */
export const ATTENDED = "UNDERTONE_ATTENDED";

/** Returns the threads of each of some processes. */
export const threadsFor = (jobs: number, cores: number = navigator.hardwareConcurrency): number =>
  Math.max(1, Math.floor(cores / jobs));

/**
 * Runs parts of an array, and returns those that failed with their exit codes. Each part's output goes to
 * `logs/<part>.log`. Throws UndertoneError if Deno can't be started.
 */
export async function runLocally(
  array: JobArray,
  parts: readonly number[],
  { jobs, threads = threadsFor(jobs), signal, onEnd }: LocalOptions,
): Promise<Map<number, number>> {
  const left = [...parts], failed = new Map<number, number>(), { logs } = placesOf(array.folder);
  await Deno.mkdir(logs, { recursive: true });
  const work = async () => {
    for (let part = left.shift(); part !== undefined && !signal?.aborted; part = left.shift()) {
      const code = await runPart(array, part, { log: join(logs, `${part}.log`), threads, signal });
      if (code !== 0 && !signal?.aborted) failed.set(part, code);
      onEnd?.(part, code);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, parts.length) }, work));
  return failed;
}

/** Returns the states of the parts that the newest launch on this machine has not ended yet, if it runs. */
export async function processStates(
  folder: string,
  submissions: readonly Submission[],
): Promise<Map<number, QueueState>> {
  const { alive, parts, ended = [], at } = submissions.at(-1) ?? { parts: [] }, { logs } = placesOf(folder);
  const states = new Map<number, QueueState>();
  if (alive === undefined || !existsSync(alive) || hasDied(alive)) return states;
  for (const part of parts.filter((part) => !ended.includes(part))) {
    const log = await Deno.stat(join(logs, `${part}.log`)).catch(() => undefined);
    states.set(part, Number(log?.mtime ?? 0) >= Date.parse(at!) ? "running" : "queued");
  }
  return states;
}

/** Runs one part, and returns its exit code. */
async function runPart(
  array: JobArray,
  part: number,
  { log, threads, signal }: { log: string; threads: number; signal?: AbortSignal },
): Promise<number> {
  const child = start([...commandOf(array, part), `--threads=${threads}`]);
  const stop = () => void child.stdin.close().catch(() => {}); // it has just ended
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  const keep = async (stream: ReadableStream<Uint8Array>) => {
    const file = await Deno.open(log, { append: true, create: true });
    await stream.pipeTo(file.writable);
  };
  const [{ code }] = await Promise.all([child.status, keep(child.stdout), keep(child.stderr)]);
  signal?.removeEventListener("abort", stop);
  return code;
}

/** Starts Deno. Without a terminal of their own, the processes write plain lines. */
function start(args: string[]): Deno.ChildProcess {
  try {
    return new Deno.Command("deno", {
      args,
      env: { [ATTENDED]: "1", NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw badInput({
      expected: "the program deno, which runs each part",
      found: "none on the PATH",
      at: "--launch local",
      todo: "Install Deno, or start the task with npx -y deno, which puts it on the PATH.",
    }, cause);
  }
}

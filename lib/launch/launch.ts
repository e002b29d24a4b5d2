/** Starts the parts of a job array, and records what was started. */
import { badInput, UndertoneError } from "../errors.ts";
import { requireWritable, signOfLife } from "../files/mod.ts";
import type { JobArray } from "./array.ts";
import { isAttended, runLocally } from "./local.ts";
import type { SlurmOptions } from "./options.ts";
import { type Launch, type LaunchedPart, readLaunch, writeLaunch } from "./record.ts";
import { queueStates, requireSlurm, submit } from "./slurm.ts";

/** How the parts of an array are started. */
export interface StartOptions {
  /** Jobs of Slurm, or processes of this machine. */
  launcher: "slurm" | "local";
  /** Processes at a time, for `local`. */
  jobs?: number;
  /** Threads of each process, for `local`. Default: the cores, divided between the processes. */
  threads?: number;
  /** Options of Slurm. */
  slurm?: SlurmOptions;
  /** Stops the processes at their next safe place, for `local`. */
  signal?: AbortSignal;
  /** Called when a process has ended, with the number of its part and its exit code. */
  onEnd?: (part: number, code: number) => void;
}

/** What was started. */
export interface Started {
  /** Numbers of the parts that were started now. */
  started: number[];
  /** Numbers of the parts that were in Slurm's queue already, and were left there. */
  queued: number[];
  /** Exit codes of the parts that failed, for `local`. */
  failed: Map<number, number>;
}

/**
 * Starts parts of an array. `prepare` writes what the parts read. Parts that are in Slurm's queue are not
 * submitted again. Throws UndertoneError if the queue holds parts of other options, or if processes of this
 * machine still run parts.
 */
export async function startArray(
  array: JobArray,
  { all, wanted, paths, prepare }: {
    /** All parts, in order. */
    all: readonly LaunchedPart[];
    /** Numbers of the parts to start, from 1. */
    wanted: readonly number[];
    /** Files and folders that a node must see. */
    paths: readonly string[];
    prepare: () => Promise<void>;
  },
  { launcher, jobs = 1, threads, slurm = {}, signal, onEnd }: StartOptions,
): Promise<Started> {
  await requireWritable(array.folder);
  if (launcher === "slurm") await requireSlurm();
  const before = await readLaunch(array.folder);
  if (before && isAttended(before.submissions)) throw running(array);
  const queue = before?.launcher === "slurm"
    ? await queueStates(array.folder, before.submissions)
    : new Map();
  const isSame = before?.parts.length === all.length &&
    all.every(({ id, hash }, i) => before.parts[i].id === id && before.parts[i].hash === hash);
  if (queue.size > 0 && (!isSame || launcher === "local")) throw inQueue(array, queue.size);
  const started = wanted.filter((part) => !queue.has(part));
  const launch: Launch = { launcher, parts: [...all], submissions: isSame ? before.submissions : [] };
  await prepare();
  await writeLaunch(array.folder, launch); // the nodes look for it
  let failed = new Map<number, number>();
  if (launcher === "local") {
    const sign = signOfLife(), ended: number[] = [];
    launch.submissions.push({ at: new Date().toISOString(), parts: started, alive: sign?.path, ended });
    await writeLaunch(array.folder, launch);
    let written = Promise.resolve();
    const note = (part: number, code: number) => {
      ended.push(part);
      // Only the status reads it.
      written = written.then(() => writeLaunch(array.folder, launch)).catch(() => {});
      onEnd?.(part, code);
    };
    try {
      failed = await runLocally(array, started, { jobs, threads, signal, onEnd: note });
    } finally {
      await written;
      sign?.end();
    }
  } else if (started.length > 0) {
    const first = launch.submissions.length + 1;
    launch.submissions.push(...await submit(array, started, { options: slurm, paths, first }));
    await writeLaunch(array.folder, launch);
  }
  return { started, queued: [...queue.keys()].sort((a, b) => a - b), failed };
}

const running = ({ folder, part }: JobArray) =>
  badInput({
    expected: `a launch whose ${part}s have ended`,
    found: "one that another process of this machine runs now",
    at: folder,
    todo: "Wait until it ends, or press Ctrl-C there: what is trained or encoded stays.",
  });

const inQueue = ({ folder, part }: JobArray, number: number) =>
  new UndertoneError(
    `Expected a launch with nothing in Slurm's queue but found ${number} ${part}s of an earlier launch with ` +
      `other options at ${folder}. Wait until they have ended, or cancel them.`,
    "input",
  );

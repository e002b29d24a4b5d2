/** How far the cells of a launched ablation are, from their folders, their logs and the scheduler's queue. */
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { badInput } from "../../errors.ts";
import {
  cancel,
  faultOf,
  type Launch,
  logsOf,
  processStates,
  type QueueState,
  queueStates,
  readLaunch,
} from "../../launch/mod.ts";
import { holderOf } from "../lock.ts";
import { readResults } from "../results.ts";
import { type RunFolder, runFolder } from "../run_folder.ts";
import { launchFolder, notLaunched } from "./launch.ts";

/**
 * How far a cell is. `stopped` has a checkpoint and no process; `failed` ended with an error. The trial of a
 * search is `paused` between two rungs.
 */
export type CellState = "new" | "queued" | "running" | "paused" | "stopped" | "failed" | "done";

/** The state of one cell of a launch. */
export interface CellStatus {
  number: number;
  id: string;
  state: CellState;
  /** Share of its training that is done. */
  progress?: number;
  /** The epoch that it trains, from 1, and how many there are at most. */
  epoch?: number;
  epochs?: number;
  /** Estimated seconds until it is trained. */
  eta?: number;
  /** The rung at which a trial is paused, from 1. */
  rung?: number;
  /** Dev metrics of a cell that is done. */
  dev?: Record<string, unknown>;
  /** The last line of its log, if it failed. */
  error?: string;
  /** Its newest log. */
  log?: string;
}

/** The state of a launch. */
export interface LaunchStatus {
  folder: string;
  launcher: Launch["launcher"];
  cells: CellStatus[];
  /** What keeps the cells from starting: a node that lacks a folder. */
  fault?: string;
}

/**
 * Returns how far the cells of a launched ablation are. Reads no data and writes nothing. Lists two folders,
 * and one more for each fold, and opens files of those cells alone that have a folder and were not done in
 * `before`, since a shared file system is slow at small files. Throws UndertoneError if the folder has no
 * launch, or if Slurm does not answer.
 */
export async function launchStatus(
  ablation: string,
  { now = Date.now(), before }: { now?: number; before?: LaunchStatus } = {},
): Promise<LaunchStatus> {
  const folder = launchFolder(ablation), launch = await launchIn(ablation);
  const statesOf = launch.launcher === "slurm" ? queueStates : processStates;
  const queue = await statesOf(folder, launch.submissions), logs = logsOf(folder, launch);
  const there = foldersIn(ablation, launch);
  const isDone = new Map(
    before?.cells.filter(({ state }) => state === "done").map((cell) => [cell.id, cell]),
  );
  const cells = await Promise.all(launch.parts.map(async ({ id }, i): Promise<CellStatus> => {
    const number = i + 1, log = logs.get(number), about = { number, id, ...log && { log } };
    const known = isDone.get(id);
    if (known?.log === log && known) return known;
    const run = there.has(id) ? runFolder(join(ablation, id)) : undefined;
    return { ...about, ...await stateOf(run, { queue: queue.get(number), log, now }) };
  }));
  const isWaiting = launch.launcher === "slurm" &&
    cells.some(({ state }) => ["new", "queued"].includes(state));
  const fault = isWaiting ? await faultOf(folder, launch) : undefined;
  return { folder: ablation, launcher: launch.launcher, cells, ...fault && { fault } };
}

/** Returns the folders of a launch's cells that are there. */
function foldersIn(ablation: string, { parts }: Launch): Set<string> {
  const above = [...new Set(parts.map(({ id }) => dirname(id)))];
  return new Set(above.flatMap((folder) => {
    const path = join(ablation, folder);
    return existsSync(path) ? readdirSync(path).map((name) => join(folder, name)) : [];
  }));
}

/** Cancels what is queued and running in Slurm. Returns the numbers of the cells that were. */
export async function cancelLaunch(ablation: string): Promise<number[]> {
  const { launcher, submissions } = await launchIn(ablation);
  if (launcher === "local") {
    throw badInput({
      expected: "a launch on Slurm",
      found: "processes of this machine",
      at: ablation,
      todo: "Press Ctrl-C where they were started: each saves a checkpoint.",
    });
  }
  const queue = await queueStates(launchFolder(ablation), submissions);
  const jobs = submissions.filter(({ parts }) => parts.some((part) => queue.has(part)));
  await cancel([...new Set(jobs.flatMap(({ job, probe }) => [job, probe].filter((id) => id !== undefined)))]);
  return [...queue.keys()].sort((a, b) => a - b);
}

async function launchIn(ablation: string): Promise<Launch> {
  const launch = await readLaunch(launchFolder(ablation));
  if (launch) return launch;
  throw notLaunched(ablation);
}

/** What Slurm writes last into the log of a job that was cancelled, or that goes back into the queue now. */
const CANCELLED = /\*\*\* JOB \d+ ON \S+ CANCELLED AT \S+ (?:DUE TO JOB REQUEUE )?\*\*\*$/;

/** Returns how far a run is, from its folder, its place in the queue and its log. */
export async function stateOf(
  run: RunFolder | undefined,
  { queue, log, now }: { queue?: QueueState; log?: string; now: number },
): Promise<Omit<CellStatus, "number" | "id">> {
  if (run && existsSync(run.report)) {
    const { dev } = await readResults(run);
    if (dev) return { state: "done", progress: 1, dev: { ...dev.metrics } };
  }
  const holder = run && await holderOf(run.path, now);
  const far = run ? await farOf(run, holder?.since, now) : {};
  if (holder || queue === "running") return { state: "running", ...far };
  if (queue === "queued") return { state: "queued", ...far };
  const said = log ? await lastLine(log) : undefined;
  const began = run !== undefined && existsSync(run.last);
  const isCancelled = said !== undefined && CANCELLED.test(said);
  if (said === undefined || isCancelled) return { state: began ? "stopped" : "new", ...far };
  if (said.startsWith("Stopped")) return { state: "stopped", ...far };
  return { state: "failed", ...far, error: said };
}

/** Reads the last step that a run has told. The time left is that of the process since it holds the run. */
async function farOf({ events }: RunFolder, since: string | undefined, now: number) {
  if (!existsSync(events)) return {};
  const text = await Deno.readTextFile(events), begun = text.lastIndexOf('{"type":"started"');
  const start = parsed(text.slice(Math.max(0, begun)).split("\n", 1)[0]);
  const at = text.lastIndexOf('{"type":"step"'),
    step = at < 0 ? undefined : parsed(text.slice(at).split("\n", 1)[0]);
  if (!start || !step) return {};
  const { epochs, stepsPerEpoch, step: first = 0 } = start, { progress, epoch } = step;
  const before = first / (epochs * stepsPerEpoch), done = progress - before;
  const elapsed = since === undefined ? undefined : (now - Date.parse(since)) / 1000;
  const eta = elapsed !== undefined && done > 0.02 ? elapsed * (1 - progress) / done : undefined;
  return { progress, epoch: epoch + 1, epochs, ...eta !== undefined && { eta } };
}

function parsed(line: string): Record<string, number> | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // a killed process leaves a truncated line
  }
}

/** Returns the last line of a log that says something. */
async function lastLine(path: string): Promise<string | undefined> {
  const lines = (await Deno.readTextFile(path)).split("\n").map((line) => line.trim()).filter(Boolean);
  return lines.at(-1);
}

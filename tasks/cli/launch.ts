/** Flags of a launch: `--launch slurm`, `--launch local`, and what belongs to them. */
import { z } from "zod";
import { badInput, UndertoneError } from "../../lib/errors.ts";
import { awaitFault, ranges, slurmOptions, type Started } from "../../lib/launch/mod.ts";
import { flagName } from "./flags.ts";
import { count } from "./show.ts";

/** Returns the flags of a launch. `verb` says what each job does: "Train every cell". */
export const launchFlags = (verb: string) => ({
  launch: z.enum(["slurm", "local"]).optional().describe(
    `${verb} as a job of Slurm, or in some processes of this machine, and not in this process.`,
  ),
  jobs: z.int().min(1).default(2).describe("Processes at a time, for --launch local."),
  slurm: slurmOptions.describe(
    "Options of Slurm: --slurm.parallel=16, --slurm.setup='module load cuda', --slurm.requeues=10, and any " +
      "option of sbatch, e.g. --slurm.partition=gpu --slurm.time=4:00:00 --slurm.gpus=1 --slurm.mem=16G.",
  ),
  dry_run: z.boolean().default(false).describe("Print what --launch would start, and start nothing."),
});

/** Throws UndertoneError for a flag of a launch beside one of its parts, which would do nothing. */
export function requirePartAlone(part: string, given: Record<string, unknown>): void {
  const flag = ["launch", "dry_run", "jobs", "slurm"].find((key) => given[key] !== undefined);
  if (given[part] === undefined || !flag) return;
  throw badInput({
    expected: `--${part} without ${flagName(flag)}`,
    found: "both",
    at: "the command line",
    todo: `Leave --${part} out to launch all of them, or ${flagName(flag)} to run this one here.`,
  });
}

/** Throws UndertoneError for a flag of a launch without --launch, which would do nothing. */
export function requireLaunch(given: Record<string, unknown>): void {
  const flag = ["dry_run", "jobs", "slurm", "shards"].find((key) => given[key] !== undefined);
  if (given.launch !== undefined || !flag) return;
  throw badInput({
    expected: `--launch beside ${flagName(flag)}`,
    found: "none",
    at: "the command line",
    todo: "Add --launch slurm or --launch local, or leave it out.",
  });
}

/** Says which parts were submitted to Slurm. `part` is their name: cell, shard. */
export function tellStarted({ started, queued }: Started, part: string): void {
  if (queued.length > 0) {
    console.log(`In the queue already: ${count(queued.length, part)}: ${ranges(queued)}.`);
  }
  if (started.length > 0) console.log(`Submitted ${count(started.length, part)}: ${ranges(started)}.`);
}

/** Throws UndertoneError if a node is found soon that lacks something. */
export async function requireNodes(folder: string, signal: AbortSignal): Promise<void> {
  const fault = await awaitFault(folder, { signal });
  if (fault) throw new UndertoneError(fault, "input");
}

/** Says that a launch on this machine was stopped, if it was. */
export function tellStopped(signal: AbortSignal): void {
  if (signal.aborted) console.error("Stopped. Nothing is lost: run the same command to continue.");
}

/**
 * Runs one part of a job array as a scheduler starts it: `--cell 3/12`, `--shard 3/12`. A launch on this
 * machine then hands more of them to the same process.
 */
import { z } from "zod";
import { type HandedPart, handedParts, isWanted, REQUEUE_LIMIT, requeueSelf } from "../../lib/launch/mod.ts";

/** Which part of how many, counted from 1. */
export interface Part {
  number: number;
  of: number;
  /** Whether all parts were complete before. */
  again?: boolean;
}

/** The schema of `--cell` and `--shard`. */
export const partFlag = z.string().regex(
  /^[1-9]\d{0,6}\/[1-9]\d{0,6}$/,
  "a number and how many there are, e.g. 3/12",
);

/** Reads `3/12`. */
export function partOf(words: string): Part {
  const [number, of] = words.split("/").map(Number);
  return { number, of };
}

/**
 * Does the work of a part, and of those that a launch on this machine hands over after it. Returns the exit
 * code. The work's signal is also aborted if that launch has ended. A part that Slurm stops goes back into
 * the queue.
 */
export async function asPart(
  signal: AbortSignal,
  first: Part,
  work: (part: Part, signal: AbortSignal) => Promise<void>,
): Promise<number> {
  const handed = handedParts(), stop = handed ? AbortSignal.any([signal, handed.signal]) : signal;
  try {
    for (let part: Part | HandedPart | undefined = first; part; part = await handed?.next()) {
      await work({ ...first, ...part }, stop);
      if (stop.aborted) return await stopped();
    }
    return 0;
  } catch (error) {
    if (!stop.aborted || error !== stop.reason) throw error;
    return await stopped();
  }
}

/**
 * Returns the name of this process's task in a Slurm array. SLURM_JOB_ID is no such name: the last task has
 * the number of the whole array, so that a requeue of it would stop and requeue all others.
 */
function jobOfArray(): string | undefined {
  const array = Deno.env.get("SLURM_ARRAY_JOB_ID"), task = Deno.env.get("SLURM_ARRAY_TASK_ID");
  return array !== undefined && task !== undefined ? `${array}_${task}` : undefined;
}

/** Puts a part that Slurm has stopped back into the queue, if it may. Returns the exit code. */
async function stopped(): Promise<number> {
  const limit = Deno.env.get(REQUEUE_LIMIT), job = jobOfArray();
  if (limit === undefined || job === undefined) {
    console.error("Stopped. Nothing is lost: the same command continues it.");
    return 130;
  }
  const requeues = Number(Deno.env.get("SLURM_RESTART_COUNT") ?? 0);
  if (!await isWanted(job)) {
    console.error("Stopped, since the job was cancelled. Nothing is lost: launch again to continue.");
    return 130;
  }
  if (requeues >= Number(limit)) {
    console.error(
      `Stopped for good after ${requeues} requeues. Nothing is lost: launch again to continue, with a longer ` +
        "--slurm.time or more --slurm.requeues.",
    );
    return 1;
  }
  const refusal = await requeueSelf(job);
  console.error(
    refusal ? `Stopped. Slurm refused to requeue it: ${refusal}` : "Stopped, and back in Slurm's queue.",
  );
  return refusal ? 1 : 130;
}

/** What befalls the parts of a launch on Slurm, for tests. */
import { setTimeout as delay } from "node:timers/promises";
import { queueStates, readLaunch } from "../lib/launch/mod.ts";

/** What a test does to a part, most often a kill. */
export const FATES = ["kill", "kill", "kill", "kill", "kill", "warning", "preemption", "requeue"] as const;
export type Fate = typeof FATES[number];

/** Time within which a job that goes back into the queue is in it again, in ms. */
const BACK = 3000;
/** See `hasten`. */
const WAIT = 3000;

/** Waits until nothing of the launch in `folder` is in the queue. Calls `during` again and again. */
export async function untilIdle(
  folder: string,
  during: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { submissions } = (await readLaunch(folder))!, since = new Map<string, number>();
  const isEmpty = async () => (await queueStates(folder, submissions)).size === 0;
  while (!await isEmpty() || (await delay(BACK), !await isEmpty())) {
    await Promise.all([during(), hasten(since), delay(200)]);
  }
}

/**
 * Starts requeued jobs once they have waited for WAIT ms: Slurm would wait two minutes. `since` remembers
 * when each was first seen. The node refuses a job that starts within the second in which it was stopped
 * ("Job credential revoked"), and Slurm then calls it failed.
 */
async function hasten(since: Map<string, number>): Promise<void> {
  const squeue = new Deno.Command("squeue", { args: ["--noheader", "--states=PENDING", "--format=%i %r"] });
  const lines = new TextDecoder().decode((await squeue.output()).stdout).split("\n");
  const waiting = lines.map((line) => line.trim().split(" ")).filter(([, reason]) => reason === "BeginTime");
  const now = performance.now(), jobs = new Set(waiting.map(([job]) => job));
  for (const job of since.keys()) if (!jobs.has(job)) since.delete(job);
  for (const job of jobs) {
    const first = since.get(job) ?? now;
    since.set(job, first);
    if (now - first < WAIT) continue;
    await new Deno.Command("scontrol", { args: ["update", `JobId=${job}`, "StartTime=now"] }).output();
  }
}

/**
 * Does something to one of the running parts of the launch in `folder`. `draw` chooses the part. Its process
 * is the one with `words` and the part's flag in its command. Returns whether there was one.
 */
export async function befall(
  folder: string,
  fate: Fate,
  { draw, words, part: flag }: { draw: number; words: readonly string[]; part: "cell" | "shard" },
): Promise<boolean> {
  const { submissions } = (await readLaunch(folder))!;
  const running = [...await queueStates(folder, submissions)].filter(([, state]) => state === "running");
  if (running.length === 0) return false;
  const [part] = running[draw % running.length];
  if (fate === "kill") return await kill(...words, `--${flag}=${part}/`);
  const { job, parts } = submissions.findLast((each) => each.parts.includes(part))!;
  const task = `${job}_${parts.indexOf(part) + 1}`;
  const [program, ...args] = {
    "warning": ["scancel", "--signal=USR2", "--batch", task],
    "preemption": ["scancel", "--signal=TERM", "--batch", task],
    "requeue": ["scontrol", "requeue", task],
  }[fate];
  return (await new Deno.Command(program, { args, stderr: "null" }).output()).success;
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

/** Submits job arrays to Slurm, asks for their states, and cancels them. */
import { basename, resolve } from "node:path";
import { badInput, UndertoneError } from "../errors.ts";
import { writeFileAtomic } from "../files/mod.ts";
import { type JobArray, placesOf } from "./array.ts";
import type { SlurmOptions } from "./options.ts";
import type { Submission } from "./record.ts";
import { jobScript, probeScript } from "./script.ts";

/** What a program printed. */
interface Output {
  code: number;
  out: string;
  err: string;
}

/** Runs a program of Slurm. Throws UndertoneError if it is not on the PATH. */
export async function slurm(
  program: "sbatch" | "squeue" | "scancel" | "scontrol",
  ...args: string[]
): Promise<Output> {
  try {
    const { code, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
    return { code, out: text(stdout), err: text(stderr) };
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw badInput({
      expected: `Slurm's ${program} on the PATH`,
      found: "none",
      at: "--launch slurm",
      todo: "Start the task on a login node of your cluster, or use --launch local on this machine.",
    }, cause);
  }
}

/** Throws UndertoneError if Slurm is not there, or does not answer. */
export async function requireSlurm(): Promise<void> {
  const { code, err } = await slurm("sbatch", "--version");
  if (code !== 0) throw refused("sbatch --version", err);
}

/** Most tasks of an array, as the cluster is configured; Slurm's own default if it does not say. */
async function largestArray(): Promise<number> {
  const { out } = await slurm("scontrol", "show", "config");
  return Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(out)?.[1] ?? 1001) - 1;
}

/**
 * Submits parts as arrays, as many as the cluster's largest array needs, behind a job that looks whether its
 * node sees the folders. Returns the submissions. If one is refused, those before it are cancelled.
 */
export async function submit(
  array: JobArray,
  parts: readonly number[],
  { options, paths, first }: {
    options: SlurmOptions;
    /** Files and folders that a node must see, beside the project and the launch's folder. */
    paths: readonly string[];
    /** Number of the first new submission. */
    first: number;
  },
): Promise<Submission[]> {
  const places = placesOf(array.folder), at = new Date().toISOString();
  await Deno.mkdir(places.logs, { recursive: true });
  await Deno.remove(places.probed).catch(() => {}); // of an earlier submission
  await writeFileAtomic(places.probe, probeScript(array, paths, options));
  const submissions: Submission[] = [], probe = await sbatch(places.probe);
  try {
    const size = await largestArray();
    for (let start = 0; start < parts.length; start += size) {
      const own = parts.slice(start, start + size), number = first + submissions.length;
      await writeFileAtomic(places.parts(number), own.join("\n") + "\n");
      const script = places.script(number);
      await writeFileAtomic(script, jobScript(array, { submission: number, tasks: own.length }, options));
      const job = await sbatch(`--dependency=afterok:${probe}`, "--kill-on-invalid-dep=yes", script);
      submissions.push({ job, probe, at, parts: own });
    }
  } catch (error) {
    await cancel([probe, ...submissions.map(({ job }) => job!)]).catch(() => {});
    throw error;
  }
  return submissions;
}

/** Submits a script and returns the job's number. Throws UndertoneError with Slurm's words if it refuses. */
async function sbatch(...args: string[]): Promise<string> {
  const { code, out, err } = await slurm("sbatch", "--parsable", ...args);
  if (code !== 0) throw refused(basename(args.at(-1)!), err);
  return out.split(";")[0];
}

const refused = (what: string, words: string) =>
  badInput({
    expected: "a job that Slurm accepts",
    found: `its refusal: ${
      words.replaceAll(/^sbatch: (error: )?/gm, "").replaceAll("\n", " ") || "no reason"
    }`,
    at: what,
    todo:
      "Change the --slurm options that its words name; sinfo lists partitions, --dry-run shows the script.",
  });

/** How far a part is in Slurm's queue. */
export type QueueState = "queued" | "running";

/**
 * Returns the states of the parts that are in the queue. Adds to `submissions` those that the record of the
 * launch in `folder` lacks, because the process that submitted them was killed before it wrote their numbers.
 */
export async function queueStates(
  folder: string,
  submissions: Submission[],
): Promise<Map<number, QueueState>> {
  const { code, out, err } = await slurm("squeue", "--noheader", "--array", "--me", "--format=%F %K %T %o");
  if (code !== 0) throw new UndertoneError(`Slurm's squeue failed: ${err || "no reason"}.`, "input");
  const jobs = out.split("\n").map((line) => {
    const [, job, task, state, script = ""] = /^(\S+) (\S+) (\S+) ?(.*)$/.exec(line.trim()) ?? [];
    return { job, task: Number(task), state, script };
  });
  const states = new Map<number, QueueState>(), partsOf = new Map(submissions.map((s) => [s.job, s.parts]));
  for (let number = submissions.length + 1;; number++) {
    const lost = jobs.find(({ script, job }) =>
      script === resolve(placesOf(folder).script(number)) && !partsOf.has(job)
    );
    if (lost === undefined) break;
    const list = await Deno.readTextFile(placesOf(folder).parts(number));
    const parts = list.trim().split("\n").map(Number);
    submissions.push({ job: lost.job, at: new Date().toISOString(), parts });
    partsOf.set(lost.job, parts);
  }
  for (const { job, task, state } of jobs) {
    const part = partsOf.get(job)?.[task - 1];
    if (part !== undefined) states.set(part, state === "PENDING" ? "queued" : "running");
  }
  return states;
}

/** Cancels jobs. Those that have ended are passed over. */
export async function cancel(jobs: readonly string[]): Promise<void> {
  if (jobs.length === 0) return;
  const { code, err } = await slurm("scancel", "--quiet", ...jobs);
  if (code !== 0 && err) throw new UndertoneError(`Slurm's scancel failed: ${err}.`, "input");
}

/** Puts the running part of this process back into the queue. Returns why not if it can't. */
export async function requeueSelf(job: string): Promise<string | undefined> {
  const { code, err } = await slurm("scontrol", "requeue", job);
  return code === 0 ? undefined : err || "no reason";
}

/** Returns whether Slurm still wants a job to run: one that a user cancelled must not come back. */
export async function isWanted(job: string): Promise<boolean> {
  const { out } = await slurm("scontrol", "show", "job", "--oneliner", job);
  return !/JobState=(CANCELLED|COMPLETING|FAILED)/.test(out);
}

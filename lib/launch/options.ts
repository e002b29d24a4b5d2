/** Options of Slurm: ours, and any of sbatch's own. */
import { z } from "zod";
import { badInput } from "../errors.ts";

/** Options of a Slurm array. Any other key is an option of sbatch: `{partition: "gpu", time: "4:00:00"}`. */
export interface SlurmOptions {
  /** Parts that may run at once. Default 16. */
  parallel?: number;
  /** How often a part goes back into the queue after a time limit or a preemption. Default 10. */
  requeues?: number;
  /** Shell commands before each part, e.g. `module load cuda`. */
  setup?: string;
  /** An option of sbatch. */
  [sbatch: string]: string | number | boolean | undefined;
}

const value = z.union([z.string(), z.number(), z.boolean()]);

/** The schema of `--slurm.<name>`. */
export const slurmOptions = z.object({
  parallel: z.int().min(1).optional(),
  requeues: z.int().min(0).optional(),
  setup: z.string().optional(),
}).catchall(value).default({});

/** Options that our script sets itself. */
const OURS: Readonly<Record<string, string>> = {
  job_name: "Jobs have the name of the launch: --name for an ablation.",
  array: "The array is made of the parts that are missing; --slurm.parallel bounds how many run at once.",
  signal: "A part is told 90 s before its time limit, so that it saves a checkpoint.",
  open_mode: "A part that was requeued goes on with its log.",
  requeue: "Parts are requeued; --slurm.requeues says how often.",
  no_requeue: "Parts are requeued; --slurm.requeues=0 says that they stay away instead.",
  output: "Logs lie in the folder of the launch.",
  error: "Logs lie in the folder of the launch.",
  dependency: "The parts wait for the job that looks whether nodes see the folders.",
  wrap: "The script is ours; commands before it go to --slurm.setup.",
  chdir: "The script starts in the project's folder.",
  test_only: "--dry-run prints the script and starts nothing.",
  wait: "deno task ablate status --watch waits for the cells of an ablation.",
  parsable: "The launch reads the number of the job itself.",
};

/** Short names for options of sbatch. */
const SHORT: Readonly<Record<string, string>> = { cpus: "cpus-per-task" };

/** Returns which of our options a name means. sbatch takes the first letters of an option for the whole. */
const ownOption = (name: string): string | undefined =>
  name in OURS ? name : name.length < 3 ? undefined : Object.keys(OURS).find((own) => own.startsWith(name));

/**
 * Returns sbatch's options as lines of a script: `--partition=gpu`. `true` gives a flag without a value.
 * Throws UndertoneError for an option that our script sets.
 */
export function sbatchOptions({ parallel: _p, requeues: _r, setup: _s, ...options }: SlurmOptions): string[] {
  return Object.entries(options).flatMap(([key, value]) => {
    const name = SHORT[key] ?? key.replaceAll("_", "-"), own = ownOption(key.replaceAll("-", "_"));
    if (own !== undefined) {
      throw badInput({
        expected: "an option of sbatch that the launch does not set itself",
        found: `--slurm.${key}`,
        at: "the options of Slurm",
        todo: `Leave it out. ${OURS[own]}`,
      });
    }
    if (!/^[a-z][a-z-]*$/.test(name) || /[\r\n]/.test(String(value))) {
      throw badInput({
        expected: "a name and one line of text",
        found: `--slurm.${key}=${value}`,
        at: "the options of Slurm",
        todo: "Write it as for sbatch: --slurm.partition=gpu for --partition=gpu.",
      });
    }
    return value === false || value === undefined
      ? []
      : [value === true ? `--${name}` : `--${name}=${value}`];
  });
}

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
  array: "The array is made of the parts that are missing; --slurm.parallel bounds how many run at once.",
  signal: "A part is told 90 s before its time limit, so that it saves a checkpoint.",
  open_mode: "A part that was requeued goes on with its log.",
  requeue: "Parts are requeued; --slurm.requeues says how often.",
  output: "Logs lie in the folder of the launch.",
  error: "Logs lie in the folder of the launch.",
  dependency: "The parts wait for the job that looks whether nodes see the folders.",
  wrap: "The script is ours; commands before it go to --slurm.setup.",
  chdir: "The script starts in the project's folder.",
};

/** Short names for options of sbatch. */
const SHORT: Readonly<Record<string, string>> = { cpus: "cpus-per-task" };

/**
 * Returns sbatch's options as lines of a script: `--partition=gpu`. `true` gives a flag without a value.
 * Throws UndertoneError for an option that our script sets.
 */
export function sbatchOptions({ parallel: _p, requeues: _r, setup: _s, ...options }: SlurmOptions): string[] {
  return Object.entries(options).flatMap(([key, value]) => {
    const name = SHORT[key] ?? key.replaceAll("_", "-");
    if (key.replaceAll("-", "_") in OURS) {
      throw badInput({
        expected: "an option of sbatch that the launch does not set itself",
        found: `--slurm.${key}`,
        at: "the options of Slurm",
        todo: `Leave it out. ${OURS[key.replaceAll("-", "_")]}`,
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

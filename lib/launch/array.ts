/** Job arrays: one command of a task, started once per part by a scheduler or by this machine. */
import { join } from "node:path";
import { inProject } from "../paths.ts";

/** An array of independent jobs. Each is the same command with another part: `--cell 3/135`. */
export interface JobArray {
  /** Folder of the script, the logs and the record. */
  folder: string;
  /** Name in the scheduler's lists. */
  name: string;
  /** The task, which has the file `tasks/<task>.ts` and the permission set `<set>`. */
  task: string;
  set: string;
  /** The flags of the task, without the part. */
  flags: readonly string[];
  /** The flag that names a part. */
  part: "cell" | "shard" | "worker";
  /** Number of parts. */
  size: number;
  /** Whether a launch on this machine hands each part out again, when all are complete. */
  twice?: boolean;
}

/**
 * Returns the arguments that start a part with the Deno program. `number` is the part, or a shell
 * variable.
 */
export const commandOf = ({ task, set, flags, part, size }: JobArray, number: number | string): string[] => [
  ...["run", "--quiet", "--no-prompt", `--config=${inProject("deno.json")}`, `-P=${set}`],
  inProject(`tasks/${task}.ts`),
  ...flags,
  `--${part}=${number}/${size}`,
];

/** Paths in the folder of an array. */
export const placesOf = (folder: string) => ({
  record: join(folder, "launch.json"),
  logs: join(folder, "logs"),
  /** The script of a submission, and the list of its parts. */
  script: (submission: number) => join(folder, `job-${submission}.sh`),
  parts: (submission: number) => join(folder, `parts-${submission}.txt`),
  probe: join(folder, "probe.sh"),
  probed: join(folder, "probe.log"),
});

/** Writes numbers as ranges: `1-3,7`. */
export function ranges(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => from === to ? `${from}` : `${from}-${to}`).join(",");
}

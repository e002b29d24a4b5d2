/** Trains the trials of a search by several workers: jobs of Slurm, or processes of this machine. */
import { basename } from "node:path";
import type { SearchConfig } from "../../config/mod.ts";
import { fingerprint } from "../../encoders/mod.ts";
import { writeJsonAtomic } from "../../files/mod.ts";
import { type JobArray, jobScript, startArray, type Started, type StartOptions } from "../../launch/mod.ts";
import { launchedConfig, launchedConfigPath, launchFolder } from "../ablation/launch.ts";
import { requireUnlocked } from "../lock.ts";
import { neededPaths } from "../needed_paths.ts";
import { planSearch } from "./open.ts";

/** How the workers of a search are started. */
export interface SearchLaunchOptions extends StartOptions {
  /** Train trials again that were trained with another configuration or data. */
  overwrite?: boolean;
}

/** A search that is ready to be launched. */
export interface PlannedSearch {
  /** Folder of the search. */
  folder: string;
  /** Number of workers. */
  workers: number;
  /** What the user should know: whether its trials can be trained at a time. */
  notes: string[];
  /** The script that `launch` would submit to Slurm. */
  script(): string;
  /** Starts the workers that are not in Slurm's queue yet. */
  launch(): Promise<Started>;
}

/**
 * Plans the launch of a search by `jobs` workers, at most one for each trial. Throws UndertoneError.
 *
 * @example
 * ```ts
 * import { configureSearch, planSearchLaunch } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configureSearch({
 *   search: { lr: { log: [1e-4, 3e-3] } },
 *   ...{ method: "text_only", audio: "none", epochs: 1, trials: 8, out },
 * });
 * const plan = await planSearchLaunch(config, { launcher: "slurm", jobs: 4 });
 * console.log(plan.workers, plan.script()); // `await plan.launch()` submits them
 * ```
 */
export async function planSearchLaunch(
  given: SearchConfig,
  { overwrite = false, jobs = 1, ...start }: SearchLaunchOptions,
): Promise<PlannedSearch> {
  const { folder, config, ablation } = await planSearch(given), workers = Math.min(jobs, given.trials);
  const numbers = Array.from({ length: workers }, (_, i) => i + 1);
  const array: JobArray = {
    folder: launchFolder(folder),
    name: basename(folder),
    task: "search",
    set: "search",
    flags: [`--config=${launchedConfigPath(folder)}`, ...overwrite ? ["--overwrite"] : []],
    part: "worker",
    size: workers,
  };
  const stored = { ...withoutSearched(given), name: basename(folder) };
  const hash = fingerprint(JSON.stringify(stored));
  return {
    folder,
    workers,
    notes: notesOf(config, workers),
    script: () => jobScript(array, { submission: 1, tasks: workers }, start.slurm ?? {}),
    async launch() {
      await requireUnlocked(folder);
      return await startArray(array, {
        all: numbers.map((number) => ({ id: `worker-${number}`, hash })),
        wanted: numbers,
        paths: neededPaths({
          ...{ data: given.data, use: given.use },
          encoders: ablation.cells.flatMap(({ config: { text, audio } }) => [text, audio]),
        }),
        prepare: () => writeJsonAtomic(launchedConfigPath(folder), stored),
      }, { ...start, jobs: workers });
    },
  };
}

/** Reads the configuration with which a search was launched. Throws UndertoneError if there is none. */
export const launchedSearch = (folder: string): Promise<unknown> => launchedConfig(folder, "search");

/** Returns the configuration without the options that are searched, since a file sets or searches each. */
function withoutSearched(config: SearchConfig): Record<string, unknown> {
  const own = structuredClone(config) as unknown as Record<string, unknown>;
  for (const key of Object.keys(config.search)) {
    const [head, ...inner] = key.split("."), within = own[head];
    if (inner.length === 0) delete own[head];
    else if (typeof within === "object" && within) {
      delete (within as Record<string, unknown>)[inner.join(".")];
    }
  }
  return own;
}

/** Says what workers change in the order of trials. */
function notesOf({ strategy, at_once: atOnce }: SearchConfig, workers: number): string[] {
  if (workers === 1 || strategy === "random") return [];
  if (strategy === "asha") {
    return [
      "Workers let trials go on from the scores that they have, so some may train for longer than in one " +
      "process. The results are those of one process.",
    ];
  }
  return atOnce >= workers ? [] : [
    `After the first 10 trials, tpe chooses ${atOnce === 1 ? "one trial" : `${atOnce} trials`} at a time, ` +
    `so that ${
      workers - atOnce
    } of ${workers} workers wait. With --at-once ${workers} none does, and trials ` +
    "are chosen from fewer scores.",
  ];
}

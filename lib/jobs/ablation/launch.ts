/** Trains the cells of an ablation as a job array: jobs of Slurm, or processes of this machine. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { partsOf } from "../../encoders/mod.ts";
import { badInput } from "../../errors.ts";
import { readJson, requireWritable, writeJsonAtomic } from "../../files/mod.ts";
import type { AblateConfig } from "../../config/mod.ts";
import { hasFolds } from "../../data/mod.ts";
import {
  type JobArray,
  jobScript,
  type Launch,
  readLaunch,
  requireSlurm,
  runLocally,
  type SlurmOptions,
  submit,
  writeLaunch,
} from "../../launch/mod.ts";
import { fromProject } from "../../paths.ts";
import { requireUnlocked } from "../lock.ts";
import { useModules } from "../user_modules.ts";
import { planAblation } from "./plan.ts";
import { type AblationCellState, hashOf, plannedStates } from "./state.ts";

/** How the cells of an ablation are started. */
export interface LaunchOptions {
  /** Jobs of Slurm, or processes of this machine. */
  launcher: "slurm" | "local";
  /** Processes at a time, for `local`. */
  jobs?: number;
  /** Threads of each process, for `local`. Default: the cores, divided between the processes. */
  threads?: number;
  /** Options of Slurm. */
  slurm?: SlurmOptions;
  /** Retrain cells that were trained with other options. */
  overwrite?: boolean;
  /** Stops the processes at their next safe place, for `local`. */
  signal?: AbortSignal;
  /** Called when a process has ended, with the number of its cell and its exit code. */
  onEnd?: (cell: number, code: number) => void;
}

/** An ablation that is ready to be launched. */
export interface PlannedLaunch {
  /** Folder of the ablation. */
  folder: string;
  /** Names and states of all cells. */
  cells: { id: string; state: AblationCellState }[];
  /** Numbers of the cells that are not trained yet. */
  missing: number[];
  /** The script that `launch` would submit to Slurm. */
  script(): string;
  /** Starts what is missing. Returns the numbers of the cells that failed, with their exit codes. */
  launch(): Promise<Map<number, number>>;
}

/** Folder of the launch in an ablation's folder, and the configuration in it. */
export const launchFolder = (ablation: string): string => join(ablation, "launch");
const configOf = (ablation: string): string => join(launchFolder(ablation), "config.json");

/**
 * Plans the launch of an ablation. Cells that are trained with these options are left out. Throws
 * UndertoneError if cells were trained differently.
 *
 * @example
 * ```ts
 * import { configureAblation, planLaunch } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configureAblation({ methods: { text_only: {} }, seeds: [1], audio: "none", out });
 * const plan = await planLaunch(config, { launcher: "slurm", slurm: { partition: "gpu" } });
 * console.log(plan.missing, plan.script()); // `await plan.launch()` submits them
 * ```
 */
export async function planLaunch(
  given: AblateConfig,
  { launcher, jobs = 1, threads, slurm = {}, overwrite = false, signal, onEnd }: LaunchOptions,
): Promise<PlannedLaunch> {
  if (hasFolds(given.protocol) && given.fold === undefined) throw foldsAlone(given.protocol!);
  const modules = await useModules(given.use);
  const plan = await planAblation(given, true), { folder, cells } = plan;
  const states = await plannedStates(plan, { modules, overwrite });
  const missing = states.flatMap((state, i) => state === "done" ? [] : i + 1);
  const array: JobArray = {
    folder: launchFolder(folder),
    name: basename(folder),
    task: "ablate",
    set: "ablate",
    flags: [`--config=${configOf(folder)}`, ...overwrite ? ["--overwrite"] : []],
    part: "cell",
    size: cells.length,
  };
  return {
    folder,
    cells: cells.map(({ id }, i) => ({ id, state: states[i] })),
    missing,
    script: () => jobScript(array, { submission: 1, tasks: missing.length }, slurm),
    async launch() {
      await requireUnlocked(folder);
      await requireWritable(array.folder);
      if (launcher === "slurm") await requireSlurm();
      const before = await readLaunch(array.folder);
      await writeJsonAtomic(configOf(folder), { ...given, name: basename(folder) });
      const parts = cells.map((cell) => ({ id: cell.id, hash: hashOf(cell) }));
      const launch: Launch = { launcher, parts, submissions: before?.submissions ?? [] };
      await writeLaunch(array.folder, launch);
      const at = new Date().toISOString();
      if (launcher === "local") {
        launch.submissions.push({ at, parts: missing });
        await writeLaunch(array.folder, launch);
        return await runLocally(array, missing, { jobs, threads, signal, onEnd });
      }
      const first = launch.submissions.length + 1;
      launch.submissions.push(
        ...await submit(array, missing, {
          options: slurm,
          paths: pathsOf(given, cells.map(({ config }) => config)),
          first,
        }),
      );
      await writeLaunch(array.folder, launch);
      return new Map();
    },
  };
}

/** Reads the configuration with which an ablation was launched. Throws UndertoneError if there is none. */
export async function launchedConfig(folder: string): Promise<unknown> {
  if (existsSync(configOf(folder))) return await readJson(configOf(folder));
  throw badInput({
    expected: "the folder of an ablation that was launched",
    found: existsSync(folder) ? "one without a launch" : "nothing",
    at: folder,
    todo: "Give its name below --out, or start it with deno task ablate --launch slurm or --launch local.",
  });
}

/** Returns the files and folders that a node needs: data, encoders, the user's modules. */
function pathsOf(given: AblateConfig, cells: readonly { text: string; audio: string }[]): string[] {
  const names = new Set(cells.flatMap(({ text, audio }) => [text, ...partsOf(audio)]));
  const folders = [...names].map((name) => name.replace(/^[\w-]+:/, "").replace(/#\w+$/, ""));
  const data = given.data.replace(/^[\w-]+:/, "");
  return [...new Set([data, ...folders, ...given.use].map(fromProject))].filter(existsSync);
}

const foldsAlone = (protocol: string) =>
  badInput({
    expected: "one division of the data for a launch",
    found: `the folds of ${protocol}`,
    at: "--protocol",
    todo: "Launch each fold by itself: --fold 1 --name fold-1, and so on.",
  });

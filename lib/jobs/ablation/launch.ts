/** Trains the cells of an ablation as a job array: jobs of Slurm, or processes of this machine. */
import { existsSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { badInput } from "../../errors.ts";
import { readJson, writeJsonAtomic } from "../../files/mod.ts";
import { type AblateConfig, type AblationCell, cellPath } from "../../config/mod.ts";
import { type JobArray, jobScript, startArray, type Started, type StartOptions } from "../../launch/mod.ts";
import { runsFolds } from "../folds/open.ts";
import { neededPaths } from "../needed_paths.ts";
import { requireKind } from "../runs/kinds.ts";
import { requireUnlocked } from "../lock.ts";
import { useModules } from "../user_modules.ts";
import { planDivisions } from "./divisions.ts";
import { type AblationCellState, hashOf, plannedStates } from "./state.ts";

/** How the cells of an ablation are started. */
export interface LaunchOptions extends StartOptions {
  /** Retrain cells that were trained with other options. */
  overwrite?: boolean;
}

/** An ablation that is ready to be launched. */
export interface PlannedLaunch {
  /** Folder of the ablation, or of the folds. */
  folder: string;
  /** Names and states of all cells. */
  cells: { id: string; state: AblationCellState }[];
  /** Numbers of the cells that are not trained yet. */
  missing: number[];
  /** The script that `launch` would submit to Slurm. */
  script(): string;
  /** Starts what is missing and not in Slurm's queue yet. */
  launch(): Promise<Started>;
}

/** Folder of the launch in an ablation's folder, and the configuration in it. */
export const launchFolder = (ablation: string): string => join(ablation, "launch");
export const launchedConfigPath = (folder: string): string => join(launchFolder(folder), "config.json");

/**
 * Plans the launch of an ablation, in all folds if its protocol has folds. Cells that are trained with these
 * options are left out. Throws UndertoneError if cells were trained differently.
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
  { overwrite = false, ...start }: LaunchOptions,
): Promise<PlannedLaunch> {
  const modules = await useModules(given.use);
  const { folder, plans } = await planDivisions(given, true), options = { modules, overwrite };
  requireKind(folder, runsFolds(given) ? "folds" : "ablation");
  const cells = plans.flatMap(({ cells }) => cells);
  const states = (await Promise.all(plans.map((plan) => plannedStates(plan, options)))).flat();
  const idOf = (cell: AblationCell) => relative(folder, cellPath(cell));
  // Only a cell knows whether its data have changed: with `overwrite` all look, and equal ones end at once.
  const missing = states.flatMap((state, i) => state === "done" && !overwrite ? [] : i + 1);
  const array: JobArray = {
    folder: launchFolder(folder),
    name: basename(folder),
    task: "ablate",
    set: "ablate",
    flags: [`--config=${launchedConfigPath(folder)}`, ...overwrite ? ["--overwrite"] : []],
    part: "cell",
    size: cells.length,
    twice: given.test,
  };
  return {
    folder,
    cells: cells.map((cell, i) => ({ id: idOf(cell), state: states[i] })),
    missing,
    script: () => jobScript(array, { submission: 1, tasks: missing.length }, start.slurm ?? {}),
    async launch() {
      await requireUnlocked(folder);
      return await startArray(array, {
        all: cells.map((cell) => ({ id: idOf(cell), hash: hashOf(cell) })),
        wanted: missing,
        paths: pathsOf(given, cells.map(({ config }) => config)),
        prepare: () => writeJsonAtomic(launchedConfigPath(folder), { ...given, name: basename(folder) }),
      }, start);
    },
  };
}

/** The work of a launch, by the name of its task. */
type Launched = "ablate" | "search";

/**
 * Reads the configuration with which a folder's work was launched. Throws UndertoneError if there is none.
 */
export async function launchedConfig(folder: string, task: Launched = "ablate"): Promise<unknown> {
  const path = launchedConfigPath(folder), config = existsSync(path) ? await readJson(path) : undefined;
  const isSearch = typeof config === "object" && config !== null && "search" in config;
  if (config !== undefined && isSearch === (task === "search")) return config;
  throw notLaunched(folder, task);
}

/** Returns the error for a folder without a launch. */
export const notLaunched = (folder: string, task: Launched = "ablate"): Error =>
  badInput({
    expected: `the folder of ${task === "ablate" ? "an ablation" : "a search"} that was launched`,
    found: existsSync(folder) ? "one without a launch" : "nothing",
    at: folder,
    todo: `Give its name below --out, or start it with deno task ${task} --launch slurm or --launch local.`,
  });

/** Returns the files and folders that a node needs: data, encoders, the user's modules. */
const pathsOf = (given: AblateConfig, cells: readonly { text: string; audio: string }[]): string[] =>
  neededPaths({
    data: given.data,
    use: given.use,
    encoders: cells.flatMap(({ text, audio }) => [text, audio]),
  });

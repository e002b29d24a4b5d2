/** Determines how far each cell of an ablation is, from the files in its folder. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Dataset } from "../../data/mod.ts";
import { fingerprint } from "../../encoders/mod.ts";
import { badInput } from "../../errors.ts";
import type { TargetKind } from "../../target.ts";
import { readJson, writeJsonAtomic } from "../../files/mod.ts";
import {
  type AblateConfig,
  type AblationCell,
  cellPath,
  trainConfig,
  withoutAuto,
  withSavedNames,
} from "../../config/mod.ts";
import {
  type CellData,
  clipsOf,
  type Fingerprints,
  identityOf,
  type Kept,
  type KeptClips,
  readCellData,
  readsClips,
  sameClips,
  sameData,
} from "./cell_data.ts";
import { environment } from "../environment.ts";
import type { AblationPlan } from "./plan.ts";
import { readResults } from "../results.ts";
import { registrations } from "../../registry.ts";
import { MODULES, runFolder } from "../run_folder.ts";
import { requireKind } from "../runs/kinds.ts";
import { keptModules, type UserModule } from "../user_modules.ts";

/** Not started; stopped with a checkpoint; or trained and scored on dev. */
export type AblationCellState = "new" | "started" | "done";

/** Options that don't affect results. Data is compared by its rows, and modules by their bytes. */
const PLACES = [
  "name",
  "out",
  "cache",
  "data",
  "encoding",
  "columns",
  "pattern",
  "threads",
  "max_rejected",
  "use",
  "track",
];

/** What the states of cells depend on, beside their folders. */
export interface StateOptions {
  config: AblateConfig;
  /** The rows that all cells read. */
  dataset: Dataset;
  /** Returns the fingerprints of a cell's encoders. */
  fingerprints: (cell: AblationCell) => Fingerprints;
  modules: readonly UserModule[];
  overwrite: boolean;
  signal?: AbortSignal;
}

/** The states of cells, and what they are trained on. */
export interface CellStates {
  states: AblationCellState[];
  /** Returns what a cell's training keeps of its data. */
  dataOf(cell: AblationCell): CellData;
}

interface Note {
  data?: Kept;
  clips?: KeptClips;
}

const noteOf = (folder: string): string => join(folder, "ablation.json");

/**
 * Returns the state of each cell, and writes the folder's `ablation.json`. Throws UndertoneError if cells
 * were trained with another configuration, data or code. With `overwrite`, these cells count as new instead.
 */
export async function openAblation(
  folder: string,
  cells: readonly AblationCell[],
  options: StateOptions,
): Promise<CellStates> {
  const { states, dataOf, before, isSame } = await cellStates(folder, cells, options);
  const data = {
    ...typeof before?.data === "object" && before.data,
    ...Object.fromEntries(cells.map((cell) => [cell.recipe, dataOf(cell).rows])),
  };
  const clips: KeptClips = { ...before?.clips };
  for (const cell of cells.filter(readsClips)) {
    clips[cell.recipe] = { ...isSame(cell) && before?.clips?.[cell.recipe], ...dataOf(cell).clips };
  }
  await writeJsonAtomic(noteOf(folder), { config: options.config, data, clips, environment: environment() });
  return { states, dataOf };
}

/** Does the same without writing, for a process that trains one of the cells. */
export async function cellStates(
  folder: string,
  cells: readonly AblationCell[],
  { config, dataset, fingerprints, modules, overwrite, signal }: StateOptions,
): Promise<CellStates & { before?: Note; isSame(cell: AblationCell): boolean }> {
  requireKind(folder, "ablation");
  const note = noteOf(folder), identity = identityOf(dataset);
  const before = existsSync(note) ? await readJson(note) as Note : undefined;
  const isSameData = sameData(before?.data, cells.map(fingerprints), identity);
  const clips = cells.some(readsClips) ? await clipsOf(dataset, config, signal) : {};
  const dataOf = (cell: AblationCell): CellData => ({
    rows: identity(fingerprints(cell)),
    ...readsClips(cell) && { clips },
  });
  const isSame = (cell: AblationCell) =>
    isSameData(cell.recipe, fingerprints(cell)) && sameClips(before?.clips?.[cell.recipe], clips);
  const found = await Promise.all(cells.map(async (cell) => {
    const { state, differs } = await examine(cell, modules, dataset.target);
    const own = state === "new" ? undefined : await readCellData(runFolder(cellPath(cell)));
    const same = own
      ? own.rows === dataOf(cell).rows && (!readsClips(cell) || sameClips(own.clips, clips))
      : isSame(cell);
    return { cell, state, differs: state === "new" ? [] : same ? differs : [...differs, "data"] };
  }));
  return { states: accepted(folder, found, overwrite), dataOf, before, isSame };
}

/**
 * Returns the states of cells by their options and code alone: whether their data are the same is for the
 * processes that train them. Throws UndertoneError as above.
 */
export async function plannedStates(
  { folder, cells, dataset }: Pick<AblationPlan, "folder" | "cells" | "dataset">,
  { modules, overwrite }: Pick<StateOptions, "modules" | "overwrite">,
): Promise<AblationCellState[]> {
  const found = await Promise.all(cells.map(async (cell) => {
    const { state, differs } = await examine(cell, modules, dataset.target);
    return { cell, state, differs: state === "new" ? [] : differs };
  }));
  return accepted(folder, found, overwrite);
}

/** Returns the states. Throws UndertoneError if cells differ from what was trained, unless `overwrite`. */
function accepted(
  folder: string,
  found: readonly { cell: AblationCell; state: AblationCellState; differs: string[] }[],
  overwrite: boolean,
): AblationCellState[] {
  const others = found.filter(({ differs }) => differs.length > 0);
  if (others.length > 0 && !overwrite) {
    const [{ cell, differs }] = others;
    throw badInput({
      expected: "cells of this configuration",
      found: `${others.length} that were trained differently, e.g. ${cell.id} (${differs.join(", ")})`,
      at: folder,
      todo: "Choose another --name, or retrain only these cells with --overwrite.",
    });
  }
  return found.map(({ state, differs }) => differs.length > 0 ? "new" : state);
}

/** Returns the hash of the options that affect a cell's results. */
export const hashOf = ({ config }: AblationCell): string =>
  fingerprint(JSON.stringify(
    Object.entries(config).filter(([key]) => !PLACES.includes(key)).toSorted(([a], [b]) => a < b ? -1 : 1),
  ));

/** Returns a cell's state, and the options in which its run differs from the cell. */
async function examine(
  cell: AblationCell,
  modules: readonly UserModule[],
  target: TargetKind,
): Promise<{ state: AblationCellState; differs: string[] }> {
  const folder = runFolder(cellPath(cell));
  const begun = existsSync(folder.config) && existsSync(folder.last);
  if (!begun) return { state: "new", differs: [] };
  const stored = await readJson(folder.config) as Record<string, unknown>;
  const kept = trainConfig.safeParse(withSavedNames(stored)).data, ours = cell.config;
  const theirs: Record<string, unknown> = kept ? { ...withoutAuto(kept, target) } : stored;
  const differs = Object.keys(trainConfig.shape).filter((key) =>
    !PLACES.includes(key) && !isDeepStrictEqual(theirs[key], ours[key as keyof typeof ours])
  );
  const scored = (await readResults(folder)).dev && existsSync(folder.report); // the report is written last
  differs.push(...await changedCode(cell, modules, { all: !scored }));
  return { state: scored ? "done" : "started", differs };
}

/**
 * Returns the user's code whose current version may differ from that of the training: changed modules, and
 * names registered in a notebook's cell. With `all`, modules that the cell does not use count too, because
 * resuming requires them unchanged.
 */
async function changedCode(
  cell: AblationCell,
  modules: readonly UserModule[],
  { all }: { all: boolean },
): Promise<string[]> {
  const { method, loss, select } = cell.config;
  const own = registrations().map(({ id }) => id).filter((id) => [method, loss, select].includes(id));
  const registers = ({ registers }: UserModule) => registers.some(({ id }) => own.includes(id));
  const needed = all ? modules : modules.filter(registers);
  const copies = await keptModules(needed, runFolder(cellPath(cell)).file(MODULES));
  const lone = own.filter((id) =>
    !modules.some(({ registers }) => registers.some((entry) => entry.id === id))
  );
  return [
    ...needed.filter((_, i) => !copies[i]).map(({ path }) => path),
    ...[...new Set(lone)].map((id) =>
      `'${id}' is registered in a notebook's cell, and runs keep no copy of that code`
    ),
  ];
}

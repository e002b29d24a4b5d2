/** Determines how far each cell of an ablation is, from the files in its folder. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Dataset, Split } from "../../data/mod.ts";
import { fingerprint, isStored, type Modality } from "../../encoders/mod.ts";
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
import { MODALITIES } from "../../model/mod.ts";
import { contentOf } from "../content.ts";
import { environment } from "../environment.ts";
import { readResults } from "../results.ts";
import { registrations } from "../../registry.ts";
import { MODULES, runFolder } from "../run_folder.ts";
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

/**
 * Returns the state of each cell, and writes the folder's `ablation.json`. Throws UndertoneError if cells
 * were trained with another configuration, data or code. With `overwrite`, these cells count as new instead.
 */
export async function openAblation(
  folder: string,
  cells: readonly AblationCell[],
  { config, dataset, fingerprints, modules, overwrite, signal }: {
    config: AblateConfig;
    /** The rows that all cells read. */
    dataset: Dataset;
    /** Returns the fingerprints of a cell's encoders. */
    fingerprints: (cell: AblationCell) => Fingerprints;
    modules: readonly UserModule[];
    overwrite: boolean;
    signal?: AbortSignal;
  },
): Promise<AblationCellState[]> {
  if (existsSync(runFolder(folder).config)) {
    throw badInput({
      expected: "a folder for an ablation",
      found: "the folder of a run",
      at: folder,
      todo: "Choose another --name.",
    });
  }
  const note = join(folder, "ablation.json"), identity = identityOf(dataset);
  const before = existsSync(note) ? await readJson(note) as { data?: Kept; clips?: KeptClips } : undefined;
  const isSameData = sameData(before?.data, cells.map(fingerprints), identity);
  const clips = cells.some(readsClips) ? await clipsOf(dataset, config, signal) : {};
  const isSame = (cell: AblationCell) =>
    isSameData(cell.recipe, fingerprints(cell)) && sameClips(before?.clips?.[cell.recipe], clips);
  const found = await Promise.all(cells.map(async (cell) => {
    const { state, differs } = await examine(cell, modules, dataset.target);
    const changed = isSame(cell) ? differs : [...differs, "data"];
    return { cell, state, differs: state === "new" ? [] : changed };
  }));
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
  const data = {
    ...typeof before?.data === "object" && before.data,
    ...Object.fromEntries(cells.map((cell) => [cell.recipe, identity(fingerprints(cell))])),
  };
  const kept: KeptClips = { ...before?.clips };
  for (const cell of cells.filter(readsClips)) {
    kept[cell.recipe] = { ...isSame(cell) && before?.clips?.[cell.recipe], ...clips };
  }
  await writeJsonAtomic(note, { config, data, clips: kept, environment: environment() });
  return found.map(({ state, differs }) => differs.length > 0 ? "new" : state);
}

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

type Fingerprints = Partial<Record<Modality, string>>;

/** Fingerprints of the data by recipe. Earlier versions kept one, since all cells had the same encoders. */
type Kept = string | Record<string, string>;

/** Returns a function that fingerprints data: rows, labels and encoders. Gender and age don't train. */
function identityOf({ labels, rows }: Dataset): (encoders: Fingerprints) => string {
  const content = JSON.stringify([
    labels,
    rows.map((row) => ({ ...row, gender: undefined, age: undefined })),
  ]);
  return ({ text, audio }) => fingerprint(content, text ?? "", audio ?? "");
}

/**
 * Returns whether a recipe was trained on these data. What an earlier version kept has the encoders of all
 * cells, also those that the recipe did not read.
 */
function sameData(
  kept: Kept | undefined,
  all: readonly Fingerprints[],
  identity: (encoders: Fingerprints) => string,
): (recipe: string, own: Fingerprints) => boolean {
  if (typeof kept !== "string") {
    return (recipe, own) => kept?.[recipe] === undefined || kept[recipe] === identity(own);
  }
  const every = (modality: Modality) => [undefined, ...new Set(all.flatMap((each) => each[modality] ?? []))];
  const fits = every("text").flatMap((text) =>
    every("audio").flatMap((audio) => identity({ text, audio }) === kept ? [{ text, audio }] : [])
  );
  return (_, own) => fits.some((fit) => MODALITIES.every((m) => !own[m] || own[m] === fit[m]));
}

/** Fingerprints of a recipe's clips by split. */
type Clips = Partial<Record<Split, string>>;
/** The clips by recipe, for recipes that read some. Earlier versions kept none. */
type KeptClips = Record<string, Clips>;

/** Returns whether a cell reads the clips themselves. Stored features have fingerprints of their own. */
const readsClips = ({ plan: { encoders } }: AblationCell): boolean =>
  encoders.audio !== undefined && !isStored("audio", encoders.audio.name);

/** Fingerprints the bytes of the clips in the splits that the ablation reads. */
async function clipsOf(
  dataset: Dataset,
  { cache, test }: AblateConfig,
  signal?: AbortSignal,
): Promise<Clips> {
  const splits: Split[] = test ? ["train", "dev", "test"] : ["train", "dev"];
  const content = await contentOf(dataset, splits, ["audio"], { cache, signal });
  return Object.fromEntries(splits.map((split) => [split, content[split]!.audio]));
}

/** Returns whether the clips are the same in the splits that both know. */
const sameClips = (before: Clips = {}, now: Clips): boolean =>
  (Object.keys(before) as Split[]).every((split) => !now[split] || before[split] === now[split]);

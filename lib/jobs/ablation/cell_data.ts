/** What a cell was trained on, as fingerprints: rows, labels, encoders and clips. */
import { existsSync } from "node:fs";
import type { Dataset, Split } from "../../data/mod.ts";
import { fingerprint, isStored, type Modality } from "../../encoders/mod.ts";
import { readJson, writeJsonAtomic } from "../../files/mod.ts";
import type { AblateConfig, AblationCell } from "../../config/mod.ts";
import { MODALITIES } from "../../model/mod.ts";
import { contentOf } from "../content.ts";
import type { RunFolder } from "../run_folder.ts";

export type Fingerprints = Partial<Record<Modality, string>>;

/** Fingerprints of the data by recipe. Earlier versions kept one, since all cells had the same encoders. */
export type Kept = string | Record<string, string>;

/** Returns a function that fingerprints data: rows, labels and encoders. Gender and age don't train. */
export function identityOf({ labels, rows }: Dataset): (encoders: Fingerprints) => string {
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
export function sameData(
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
export type Clips = Partial<Record<Split, string>>;
/** The clips by recipe, for recipes that read some. Earlier versions kept none. */
export type KeptClips = Record<string, Clips>;

/** Returns whether a cell reads the clips themselves. Stored features have fingerprints of their own. */
export const readsClips = ({ plan: { encoders } }: AblationCell): boolean =>
  encoders.audio !== undefined && !isStored("audio", encoders.audio.name);

/** Fingerprints the bytes of the clips in the splits that the ablation reads. */
export async function clipsOf(
  dataset: Dataset,
  { cache, test }: AblateConfig,
  signal?: AbortSignal,
): Promise<Clips> {
  const splits: Split[] = test ? ["train", "dev", "test"] : ["train", "dev"];
  const content = await contentOf(dataset, splits, ["audio"], { cache, signal });
  return Object.fromEntries(splits.map((split) => [split, content[split]!.audio]));
}

/** Returns whether the clips are the same in the splits that both know. */
export const sameClips = (before: Clips = {}, now: Clips): boolean =>
  (Object.keys(before) as Split[]).every((split) => !now[split] || before[split] === now[split]);

/** What a cell's folder says of its data. */
export interface CellData {
  /** Fingerprint of rows, labels and encoders. */
  rows: string;
  /** Fingerprints of its clips by split, if it reads clips. */
  clips?: Clips;
}

const FILE = "cell.json";

/** Writes what a cell is trained on into its folder. */
export const writeCellData = (folder: RunFolder, data: CellData): Promise<void> =>
  writeJsonAtomic(folder.file(FILE), data);

/** Reads what a cell was trained on; undefined for cells of earlier versions. */
export const readCellData = async (folder: RunFolder): Promise<CellData | undefined> =>
  existsSync(folder.file(FILE)) ? await readJson(folder.file(FILE)) as CellData : undefined;

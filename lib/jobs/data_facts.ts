/** What the data of a run held when it was trained, kept in its folder for reports. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type Dataset, type Split, SPLITS, type Utterance } from "../data/mod.ts";
import { readJson, writeJsonAtomic } from "../files/mod.ts";
import type { TargetKind } from "../target.ts";
import type { RunFolder } from "./run_folder.ts";

/** Counts and notes of a data set. Of test, only the number of rows is told. */
export interface DataFacts {
  /** Name of the data set. */
  name: string;
  /** The file or folder that was loaded. */
  source: string;
  /** The folder that the paths of clips start at. */
  root: string;
  /** The kind of target. */
  target: TargetKind;
  /** Names of the classes, labels or dimensions. */
  labels: string[];
  /** Number of rows by split. */
  rows: Record<Split, number>;
  /** Number of rows with each label, for classes and for several labels at once. */
  counts?: Record<SeenSplit, Record<string, number>>;
  /** Number of speakers, where every row names one. */
  speakers?: Record<SeenSplit, number>;
  /** Notes on the data and on how they were read. */
  notes: string[];
}

/** A split that training reads. */
export type SeenSplit = "train" | "dev";

const SEEN = ["train", "dev"] as const;

/** Returns the facts of a data set that a run trains on. */
export function dataFacts({ name, source, root, target, labels, rows, notes }: Dataset): DataFacts {
  const of = (split: Split) => rows.filter((row) => row.split === split);
  const each = <T>(value: (rows: readonly Utterance[]) => T) =>
    Object.fromEntries(SEEN.map((split) => [split, value(of(split))])) as Record<SeenSplit, T>;
  const has = (row: Utterance, label: string) =>
    target === "class" ? row.label === label : row.target?.[label] === 1;
  const isCounted = target === "class" || target === "labels";
  const seen = SEEN.flatMap(of);
  return {
    name,
    source: String(source),
    root: resolve(root),
    target,
    labels: [...labels],
    rows: Object.fromEntries(SPLITS.map((split) => [split, of(split).length])) as Record<Split, number>,
    ...isCounted && {
      counts: each((rows) =>
        Object.fromEntries(labels.map((label) => [label, rows.filter((row) => has(row, label)).length]))
      ),
    },
    ...seen.every(({ speaker }) => speaker !== undefined) && {
      speakers: each((rows) => new Set(rows.map(({ speaker }) => speaker)).size),
    },
    notes: [...notes],
  };
}

/** Writes the facts of a run's data. */
export const writeDataFacts = (folder: RunFolder, dataset: Dataset): Promise<void> =>
  writeJsonAtomic(folder.data, dataFacts(dataset));

/** Reads the facts of a run's data; undefined for runs of earlier versions, or if the file is damaged. */
export async function readDataFacts(folder: RunFolder): Promise<DataFacts | undefined> {
  if (!existsSync(folder.data)) return undefined;
  const read = await readJson(folder.data).catch(() => undefined) as DataFacts | undefined;
  return typeof read === "object" && read !== null && Array.isArray(read.notes) ? read : undefined;
}

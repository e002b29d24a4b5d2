/** Utterances and data sets: loaders make them; encoders and metrics use them. */
import { resolve } from "node:path";
import { badInput } from "../errors.ts";
import type { TargetKind } from "../target.ts";

/** The splits in order: train for learning, dev for every choice, test for one reading at the end. */
export const SPLITS = ["train", "dev", "test"] as const;
/** The name of a split. */
export type Split = typeof SPLITS[number];

/** Other names of splits. "eval" is none of them: it means dev to some and test to others. */
const SPELLINGS: Readonly<Record<string, Split>> = {
  training: "train",
  val: "dev",
  valid: "dev",
  validation: "dev",
  development: "dev",
  testing: "test",
};

/**
 * Returns the split of this name in any case. Also accepts training, testing, development, val, valid and
 * validation, and each with "set" or "split" after it: "Train set".
 */
export function splitNamed(name: string): Split | undefined {
  const word = name.trim().toLowerCase().replace(/[ _-]?(set|split)$/, "");
  return SPLITS.find((split) => split === word) ??
    (Object.hasOwn(SPELLINGS, word) ? SPELLINGS[word] : undefined);
}

/** One spoken utterance. At least one of `text` and `audio` is present. */
export interface Utterance {
  /** Unique id. */
  id: string;
  /** The split that the utterance belongs to. */
  split: Split;
  /** The words that are spoken. */
  text?: string;
  /** Path of the clip, relative to the data set's `root`. */
  audio?: string;
  /** Name of the emotion, where the target is a class. */
  label?: string;
  /**
   * One number for each name, where the target is no class: shares that sum to 1, 0 or 1 for each label, or
   * continuous values.
   */
  target?: Readonly<Record<string, number>>;
  /** Who speaks. */
  speaker?: string;
  /** The conversation that the utterance belongs to. */
  dialogue?: string;
  /** Number of the utterance in its dialogue. */
  turn?: number;
  /** The recording session. */
  session?: string;
  /** Gender of the speaker. */
  gender?: string;
  /** Age of the speaker, as a number or in words. */
  age?: string;
  /** The corpus that the utterance comes from, if the data hold several. */
  corpus?: string;
  /** Published splits by fold: that of fold 1 first, and undefined where a fold lacks the utterance. */
  folds?: readonly (Split | undefined)[];
  /** The machine that wrote the words down: `machine:<model>`. Absent if people did. */
  textSource?: string;
}

/** A row that could not be used, with the reason. */
export interface Rejection {
  /** Id of the row. */
  id: string;
  /** File and line, or the clip. */
  at: string;
  /** The kind of fault, then a colon and the detail: "clip missing: train/dia0_utt3.flac". */
  reason: string;
}

/** A data set: rows, the kind and names of their targets, their origin, and the rows that were left out. */
export interface Dataset {
  /** Name in tables and in names of runs. */
  name: string;
  /** What a model learns to predict: the kind of all targets. */
  target: TargetKind;
  /** Names of the classes, labels or dimensions; the index of a name is its class. */
  labels: readonly string[];
  /** Rows that can be used. */
  rows: readonly Utterance[];
  /** The file or folder that was loaded. */
  source: string;
  /** The folder that `Utterance.audio` is relative to. */
  root: string;
  /** Rows of the source that were left out, with reasons. */
  rejected: readonly Rejection[];
  /** Notes for the reader that are not losses: repaired text, ignored columns, splits made automatically. */
  notes: readonly string[];
}

/**
 * Returns the absolute path of a row's clip.
 *
 * @example
 * ```ts
 * import { clipPath, loadDataset } from "@undertone/undertone";
 *
 * const { root, rows } = await loadDataset("sample");
 * const path = clipPath(root, rows.find(({ audio }) => audio)!.audio!);
 * ```
 */
export const clipPath = (root: string, audio: string): string => resolve(root, audio);

/**
 * Returns the rows of one split. Throws UndertoneError if there are none.
 *
 * @example
 * ```ts
 * import { loadDataset, rowsOf } from "@undertone/undertone";
 *
 * const train = rowsOf(await loadDataset("sample"), "train");
 * ```
 */
export function rowsOf(dataset: Dataset, split: Split): Utterance[] {
  const rows = dataset.rows.filter((row) => row.split === split);
  if (rows.length > 0) return rows;
  const counts = SPLITS.map((name) => `${name} ${dataset.rows.filter((row) => row.split === name).length}`);
  throw badInput({
    expected: `rows of the split '${split}'`,
    found: `none (${counts.join(", ")})`,
    at: dataset.source,
    todo: "Choose another split, or a data set that has this one.",
  });
}

/**
 * Returns a note on rows that keep only their text, because their clip can't be used; empty if there are
 * none.
 */
export const textOnlyNotes = (rows: readonly Rejection[]): string[] =>
  rows.length === 0 ? [] : [
    (rows.length === 1
      ? "1 row keeps only its text, because its clip can't be used: "
      : `${rows.length} rows keep only their text, because their clip can't be used, e.g. `) +
    `${rows[0].id}: ` +
    `${rows[0].reason.slice(0, 300)}`,
  ];

/** Counts rejected rows by kind of fault, most frequent first: ["12 × clip missing", "1 × no label"]. */
export function rejectionCounts(rejected: readonly Rejection[]): string[] {
  const counts = new Map<string, number>();
  for (const { reason } of rejected) {
    const kind = reason.split(":")[0];
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([kind, count]) => `${count} × ${kind}`);
}

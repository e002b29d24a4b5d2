/** The rows that everything else reads: loaders make them, encoders and metrics use them. */
import { resolve } from "node:path";
import { badInput } from "../errors.ts";

/** The splits in order: for learning, for every choice, for one reading at the end. */
export const SPLITS = ["train", "dev", "test"] as const;
/** A split. */
export type Split = typeof SPLITS[number];

/** The split that people call so: in any case, and dev also val, valid or validation. */
export function splitNamed(name: string): Split | undefined {
  const lower = name.toLowerCase();
  if (lower === "val" || lower === "valid" || lower === "validation") return "dev";
  return SPLITS.find((split) => split === lower);
}

/** One spoken utterance. `audio` is relative to the data set's `root`; at least one of text and audio is present. */
export interface Utterance {
  /** Unlike that of any other row. */
  id: string;
  /** Where it belongs. */
  split: Split;
  /** What is said. */
  text?: string;
  /** Path of the clip, relative to the data set's `root`. */
  audio?: string;
  /** Name of the emotion. */
  label?: string;
  /** Who speaks. */
  speaker?: string;
  /** Conversation that it belongs to. */
  dialogue?: string;
  /** Its place in the conversation. */
  turn?: number;
}

/** A row that could not be used, and why; `at` names file and line, or the clip. */
export interface Rejection {
  /** Id of the row. */
  id: string;
  /** File and line, or the clip. */
  at: string;
  /** The kind of fault, and after a colon what it is about: "clip missing: train/dia0_utt3.flac". */
  reason: string;
}

/** A data set: rows, ordered label names (index = class), where it came from, and what could not be used. */
export interface Dataset {
  /** What it is called in tables and names of runs. */
  name: string;
  /** Label names; the index of a name is its class. */
  labels: readonly string[];
  /** Rows that can be used. */
  rows: readonly Utterance[];
  /** The file or folder that was loaded. */
  source: string;
  /** Folder that `Utterance.audio` is relative to. */
  root: string;
  /** Rows of the source that were left out, with reasons. */
  rejected: readonly Rejection[];
  /** What a reader should know though nothing was lost: repaired text, ignored columns, a split that was made here. */
  notes: readonly string[];
}

/**
 * Where the clip of a row lies, as an absolute path.
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
 * Rows of one split. Throws UndertoneError where there are none.
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

/** How many rows were left out for which kind of fault, most frequent first: ["12 × clip missing", "1 × no label"]. */
export function rejectionCounts(rejected: readonly Rejection[]): string[] {
  const counts = new Map<string, number>();
  for (const { reason } of rejected) {
    const kind = reason.split(":")[0];
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([kind, count]) => `${count} × ${kind}`);
}

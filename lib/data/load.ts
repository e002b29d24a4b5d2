/**
 * Loads a data set from a path: a data source reads it, then its rows are checked and divided into splits.
 */
import { dataPath } from "./sources/data_path.ts";
import type { Modality } from "./sequence.ts";
import { badInput } from "../errors.ts";
import type { TargetKind } from "../target.ts";
import { checkRows } from "./check.ts";
import { coverageNotes } from "./coverage.ts";
import type { ColumnNames } from "./sources/columns.ts";
import { readSource } from "./sources/find.ts";
import { dataSources } from "./sources/registry.ts";
import { divideRows } from "./split.ts";
import { type Dataset, type Rejection, rejectionCounts, type Utterance } from "./utterance.ts";

/** Options for loading a data set. */
export interface LoadOptions {
  /** The kind of target to read, e.g. a checkpoint's. Default: the kind that the data has. */
  target?: TargetKind;
  /** Label names in class order, e.g. a checkpoint's. Rows with another label are left out. */
  labels?: readonly string[];
  /**
   * False for rows to be predicted: label and split may be missing, and any label is accepted. Default true.
   */
  labelled?: boolean;
  /** Modalities that the run reads. Clips are checked only if audio is among them. Default both. */
  modalities?: readonly Modality[];
  /**
   * Modalities whose features are stored by the names of rows: rows need not have them, and their clips need not
   * exist. Default none.
   */
  stored?: readonly Modality[];
  /** Encoding of CSV files, by its `TextDecoder` name. Default UTF-8, or UTF-16 if the file shows it. */
  encoding?: string;
  /** The file's names for columns of a manifest, e.g. `{ text: "sentence", audio: "wav" }`. */
  columns?: ColumnNames;
  /** Keeps the text of a row whose clip can't be used. Default false: such a row is rejected. */
  keepText?: boolean;
  /** Seed for dividing the rows if the source has no splits or no dev split. Default 0. */
  seed?: number;
}

/**
 * Loads the data set at `path`. The data source that recognises it best reads it: a manifest (CSV, or a
 * folder with manifest.csv), one CSV of MELD, a MELD folder, a RAVDESS folder, the word `sample` for the
 * embedded data set, or a registered source. A source's id before the path forces that source:
 * `ravdess:my/folder`. A relative path starts at the project's folder. Unusable rows are in `rejected`. Throws UndertoneError if no source recognises the
 * path, several recognise it equally well, or no usable row is left.
 *
 * @example
 * ```ts
 * import { loadDataset } from "@undertone/undertone";
 *
 * const { name, labels, rows } = await loadDataset("sample");
 * console.log(`${name}: ${rows.length} rows, ${labels.join(", ")}`);
 * ```
 */
export async function loadDataset(path: string, options: LoadOptions = {}): Promise<Dataset> {
  const { target: wanted, labels, labelled = true, modalities = ["text", "audio"], stored = [] } = options;
  const { seed = 0, encoding, columns = {}, keepText } = options;
  const named = Object.values(columns).some((name) => name !== undefined);
  const source = await readSource(dataPath(path), {
    labelled,
    audio: modalities.includes("audio") && !stored.includes("audio"),
    byName: stored.length > 0,
    encoding,
    target: wanted,
    columnNames: named ? columns : undefined,
  });
  const { target = "class" } = source;
  const checked = checkRows(source, { target: wanted, labels, labelled, modalities, stored, keepText });
  const { rows, notes } = labelled
    ? divideRows(checked.rows, { target, seed, at: source.path })
    : { rows: checked.rows as Utterance[], notes: [] };
  if (labelled) requireVariety(rows, checked.rejected, { target, path: source.path });
  const classes = labels ?? source.labels ?? labelOrder(rows);
  return {
    name: source.name,
    target,
    labels: classes,
    rows,
    source: source.path,
    root: source.root,
    rejected: checked.rejected,
    notes: [
      ...checked.notes,
      ...notes,
      ...(labelled ? [...oddities(rows), ...coverageNotes(rows, classes, target)] : []),
    ],
  };
}

/**
 * Returns the labels of the rows, in the order of the first source that has all of them, or by name if none
 * has.
 */
function labelOrder(rows: readonly Utterance[]): string[] {
  const present = [...new Set(rows.flatMap(({ label }) => label ?? []))].sort();
  const orders = dataSources().flatMap(({ labels }) => labels ? [labels] : []);
  const official = orders.find((labels) => present.every((label) => labels.includes(label)));
  return official === undefined ? present : official.filter((label) => present.includes(label));
}

/** Throws UndertoneError if train has a single class or target, because a model could learn nothing from it. */
function requireVariety(
  rows: readonly Utterance[],
  rejected: readonly Rejection[],
  { target, path: at }: { target: TargetKind; path: string },
): void {
  const train = rows.filter(({ split }) => split === "train"), isClass = target === "class";
  const distinct = new Set(train.map((row) => isClass ? row.label : JSON.stringify(row.target)));
  if (distinct.size !== 1) return;
  const lost = rejected.length === 0 ? "" : ` (left out: ${rejectionCounts(rejected).join(", ")})`;
  throw badInput({
    expected: `at least two ${isClass ? "classes" : "different targets"} in the split 'train'`,
    found: `only ${isClass ? `'${[...distinct][0]}'` : [...distinct][0]}${lost}`,
    at,
    todo: rejected.length === 0
      ? `Check the column${isClass ? " 'label'" : "s of the target"} and how the rows are divided.`
      : `Fix the rows that were left out. The first: ${rejected[0].reason} (${rejected[0].at}).`,
  });
}

/** Returns notes on facts that are not faults but may surprise a reader of the results. */
function oddities(rows: readonly Utterance[]): string[] {
  const notes: string[] = [];
  const labels = [...new Set(rows.flatMap(({ label }) => label ?? []))];
  for (const same of Map.groupBy(labels, (label) => label.toLowerCase()).values()) {
    if (same.length > 1) {
      notes.push(`Labels that differ only in case are separate classes: ${same.join(", ")}.`);
    }
  }
  for (const split of ["dev", "test"] as const) {
    const found = new Set(rows.flatMap((row) => row.split === split ? row.label ?? [] : []));
    if (found.size === 1) notes.push(`The split '${split}' has a single class, '${[...found][0]}'.`);
  }
  return notes;
}

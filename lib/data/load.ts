/** Any data set that Undertone knows, from a path: found and read by its source, checked, and divided. */
import type { Modality } from "./sequence.ts";
import { badInput } from "../errors.ts";
import { checkRows } from "./check.ts";
import { coverageNotes } from "./coverage.ts";
import { readSource } from "./sources/find.ts";
import { dataSources } from "./sources/registry.ts";
import { divideRows } from "./split.ts";
import { type Dataset, type Rejection, rejectionCounts, type Utterance } from "./utterance.ts";

/** How a data set is read. */
export interface LoadOptions {
  /** Label names in the order of their classes, e.g. a checkpoint's: rows with another label are left out. */
  labels?: readonly string[];
  /** False for rows to be predicted: label and split may be missing, and any label is let through. Default true. */
  labelled?: boolean;
  /** What the run reads; clips are looked for only where audio is among them. Default both. */
  modalities?: readonly Modality[];
  /** Encoding of CSV files, as `TextDecoder` names it. Default UTF-8, or UTF-16 where a file shows that it is. */
  encoding?: string;
  /** Of the splits that are made here, where the source has none or no dev. Default 0. */
  seed?: number;
}

/**
 * Loads the data set at `path`, by the data source that knows it best: a manifest (CSV, or a folder with manifest.csv),
 * one CSV of MELD, a folder of MELD, a folder of RAVDESS, the word `sample` for the embedded one, or what was registered.
 * An id before it forces the source: `ravdess:my/folder`. Rows that can't be used are in `rejected`. Throws UndertoneError
 * where the path is none of these, several sources know it equally well, or nothing usable is left.
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
  const { labels, labelled = true, modalities = ["text", "audio"], seed = 0, encoding } = options;
  const source = await readSource(path, { labelled, audio: modalities.includes("audio"), encoding });
  const checked = checkRows(source, { labels, labelled, modalities });
  const { rows, notes } = labelled
    ? divideRows(checked.rows, { seed, at: source.path })
    : { rows: checked.rows as Utterance[], notes: [] };
  if (labelled) requireClasses(rows, checked.rejected, source.path);
  const classes = labels ?? source.labels ?? labelOrder(rows);
  return {
    name: source.name,
    labels: classes,
    rows,
    source: source.path,
    root: source.root,
    rejected: checked.rejected,
    notes: [
      ...checked.notes,
      ...notes,
      ...(labelled ? [...oddities(rows), ...coverageNotes(rows, classes)] : []),
    ],
  };
}

/** The labels of the rows, as the first source orders them that has all of them, else by name. */
function labelOrder(rows: readonly Utterance[]): string[] {
  const present = [...new Set(rows.flatMap(({ label }) => label ?? []))].sort();
  const orders = dataSources().flatMap(({ labels }) => labels ? [labels] : []);
  const official = orders.find((labels) => present.every((label) => labels.includes(label)));
  return official === undefined ? present : official.filter((label) => present.includes(label));
}

/** Throws UndertoneError where train has a single class: nothing can be learnt from it. */
function requireClasses(rows: readonly Utterance[], rejected: readonly Rejection[], at: string): void {
  const classes = new Set(rows.flatMap(({ split, label }) => split === "train" ? [label] : []));
  if (classes.size !== 1) return;
  const lost = rejected.length === 0 ? "" : ` (left out: ${rejectionCounts(rejected).join(", ")})`;
  throw badInput({
    expected: "at least two classes in the split 'train'",
    found: `'${[...classes][0]}' alone${lost}`,
    at,
    todo: rejected.length === 0
      ? "Check the column 'label' and how the rows are divided."
      : `Mend the rows that were left out, the first for: ${rejected[0].reason} (${rejected[0].at}).`,
  });
}

/** What is no fault of a row but will surprise whoever reads the results. */
function oddities(rows: readonly Utterance[]): string[] {
  const notes: string[] = [];
  const labels = [...new Set(rows.flatMap(({ label }) => label ?? []))];
  for (const same of Map.groupBy(labels, (label) => label.toLowerCase()).values()) {
    if (same.length > 1) {
      notes.push(`Labels that differ only in case are classes of their own: ${same.join(", ")}.`);
    }
  }
  for (const split of ["dev", "test"] as const) {
    const found = new Set(rows.flatMap((row) => row.split === split ? row.label ?? [] : []));
    if (found.size === 1) notes.push(`The split '${split}' has a single class, '${[...found][0]}'.`);
  }
  return notes;
}

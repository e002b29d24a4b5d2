/**
 * Loads a data set from a path: a data source reads it, then its rows are checked and divided into splits.
 */
import { dataPath } from "./sources/data_path.ts";
import type { Modality } from "./sequence.ts";
import { badInput } from "../errors.ts";
import { fromProject } from "../paths.ts";
import type { TargetKind } from "../target.ts";
import { checkRows, type UnsplitRow } from "./check.ts";
import { coverageNotes } from "./coverage.ts";
import { type LabelReading, mapLabelsOf, mappingWords } from "./map_labels.ts";
import type { ColumnNames } from "./sources/columns.ts";
import { readSource } from "./sources/find.ts";
import { dataSources } from "./sources/registry.ts";
import type { Candidate } from "./sources/source.ts";
import { type Fold, foldsOf } from "./folds/folds.ts";
import { hasFolds } from "./folds/protocol.ts";
import { divideRows } from "./split.ts";
import { type Dataset, type Rejection, rejectionCounts, type Split, type Utterance } from "./utterance.ts";

/** Options for loading a data set. */
export interface LoadOptions extends LabelReading {
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
   * Modalities whose features are stored by the names of rows: rows need not have them, and their clips need
   * not exist. Default none.
   */
  stored?: readonly Modality[];
  /** Encoding of CSV files, by its `TextDecoder` name. Default UTF-8, or UTF-16 if the file shows it. */
  encoding?: string;
  /** The file's names for columns of a manifest, e.g. `{ text: "sentence", audio: "wav" }`. */
  columns?: ColumnNames;
  /** How the clips of a folder are named, e.g. `{speaker}_{sentence}_{label}_{intensity}`. */
  pattern?: string;
  /** The cache folder, where clips that a parquet file holds are unpacked. Default: `outputs/cache`. */
  cache?: string;
  /** Keeps the text of a row whose clip can't be used. Default false: such a row is rejected. */
  keepText?: boolean;
  /** Seed for dividing the rows if the source has no splits or no dev split. Default 0. */
  seed?: number;
  /** Protocol that divides the rows, whatever splits they have: see `foldsOf`. Default `split`. */
  protocol?: string;
  /** Number of the fold to load, from 1, if the protocol has folds. */
  fold?: number;
  /**
   * The split of each row by id, whatever splits the source has. Other rows are left out.
   * @internal
   */
  division?: ReadonlyMap<string, Split>;
}

/**
 * Loads the data set at `path`. The data source that recognises it best reads it: a manifest (CSV, or a
 * folder with manifest.csv), one CSV of MELD, the published folder of a corpus in docs/CORPORA.md, tables by
 * split (CSV or parquet), a folder of clips named by `pattern`, the word `sample` for the embedded data set,
 * or a registered source. A source's id before the path forces that source:
 * `ravdess:my/folder`. A relative path starts at the project's folder. Unusable rows are in `rejected`.
 * Throws UndertoneError if no source recognises the path, several recognise it equally well, or no usable row
 * is left.
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
  const { labelled = true, protocol = "split", fold, seed = 0, division } = options;
  const isFold = labelled && !division && requireFold(protocol, fold);
  const whole = await undivided(path, options, isFold || protocol === "all" || division !== undefined);
  if (!labelled) return whole;
  const { rows, notes } = division
    ? dividedAs(division, whole)
    : isFold
    ? withOddities(foldNumbered(fold!, foldsOf(whole, protocol), whole).dataset)
    : protocol === "all"
    ? foldsOf(whole, protocol)[0].dataset
    : divided(whole.rows, whole, seed);
  requireVariety(rows, whole.rejected, { target: whole.target, path: whole.source, reading: options });
  return { ...whole, rows, notes: [...whole.notes, ...notes] };
}

/** Loads all folds of a protocol, as `loadDataset` loads one. Throws UndertoneError. */
export async function loadFolds(
  path: string,
  options: Omit<LoadOptions, "labelled" | "fold" | "seed"> & { protocol: string },
): Promise<Fold[]> {
  const whole = await undivided(path, options, true);
  return foldsOf(whole, options.protocol).map(({ dataset, ...fold }) => {
    const { rows, notes } = withOddities(dataset);
    return { ...fold, dataset: { ...dataset, rows, notes: [...whole.notes, ...notes] } };
  });
}

/**
 * Loads all labelled rows of a data set as rows to test, whatever splits they have. Throws UndertoneError.
 */
export async function loadWhole(
  path: string,
  options: Omit<LoadOptions, "labelled" | "fold" | "seed" | "protocol"> = {},
): Promise<Dataset> {
  const { rows, ...dataset } = await undivided(path, options, true);
  return { ...dataset, rows: rows.map((row) => ({ ...row, split: "test" })) };
}

/** Loads a data set whose rows may have no split yet, and lose the one that they have if `splitless`. */
async function undivided(path: string, options: LoadOptions, splitless: boolean): Promise<Dataset> {
  const { target: wanted, labels, labelled = true, modalities = ["text", "audio"], stored = [] } = options;
  const { encoding, columns = {}, pattern, cache = "outputs/cache", keepText, labelMap, onlyLabels } =
    options;
  const named = Object.values(columns).some((name) => name !== undefined);
  const read = await readSource(dataPath(path), {
    labelled,
    audio: modalities.includes("audio") && !stored.includes("audio"),
    byName: stored.length > 0,
    encoding,
    target: wanted,
    columnNames: named ? columns : undefined,
    pattern,
    cache: fromProject(cache),
  });
  const isMapped = labelMap !== undefined || onlyLabels !== undefined;
  const mapped = isMapped ? mapLabelsOf(read, { labelMap, onlyLabels }, { labelled }) : read;
  const source = splitless ? { ...mapped, candidates: mapped.candidates.map(withoutSplit) } : mapped;
  const { rows, rejected, notes } = checkRows(source, {
    target: wanted,
    labels,
    labelled,
    modalities,
    stored,
    keepText,
  });
  return {
    name: source.name,
    target: source.target ?? "class",
    labels: labels ?? source.labels ?? labelOrder(rows),
    rows: rows as Utterance[],
    source: source.path,
    root: source.root,
    rejected,
    notes,
  };
}

/** Divides rows as their source says, with notes on what was done and on labels that a split lacks. */
function divided(
  checked: readonly UnsplitRow[],
  { target, labels, source }: Dataset,
  seed: number,
): Pick<Dataset, "rows" | "notes"> {
  const { rows, notes } = divideRows(checked, { target, seed, at: source });
  return { rows, notes: [...notes, ...oddities(rows), ...coverageNotes(rows, labels, target)] };
}

/**
 * Divides rows by their ids, with notes on rows without a split and on labels that a split lacks. The rows of
 * each split come in the order of the division, whatever their order in the file.
 */
function dividedAs(
  division: ReadonlyMap<string, Split>,
  { rows: all, target, labels, source }: Dataset,
): Pick<Dataset, "rows" | "notes"> {
  const place = new Map([...division.keys()].map((id, i) => [id, i]));
  const found = all.flatMap((row) => division.has(row.id) ? [{ ...row, split: division.get(row.id)! }] : []);
  const sorted = Map.groupBy(
    found.toSorted((a, b) => place.get(a.id)! - place.get(b.id)!),
    ({ split }) => split,
  );
  const next = new Map([...sorted].map(([split, rows]) => [split, rows.values()]));
  const rows = found.map(({ split }) => next.get(split)!.next().value!);
  const others = all.length - rows.length;
  const left = `${others} rows of ${source} are left out: the run was trained without them.`;
  return {
    rows,
    notes: [...others > 0 ? [left] : [], ...oddities(rows), ...coverageNotes(rows, labels, target)],
  };
}

/** Returns whether one fold is loaded. Throws UndertoneError if the protocol has folds and none is chosen. */
function requireFold(protocol: string, fold: number | undefined): boolean {
  const wanted = hasFolds(protocol);
  if (wanted === (fold !== undefined)) return wanted;
  throw badInput({
    expected: fold === undefined ? `the number of a fold of ${protocol}` : "a protocol with folds",
    found: fold === undefined ? "none" : `'${protocol}', which has none, with fold ${fold}`,
    at: "the options of the data set",
    todo: fold === undefined
      ? "Set `fold`, or run all folds with `crossValidate` or with --protocol on the command line."
      : "Set `protocol` too, e.g. kfold:5, or leave `fold` out.",
  });
}

function foldNumbered(fold: number, folds: readonly Fold[], { source }: Dataset): Fold {
  const found = folds[fold - 1];
  if (found) return found;
  throw badInput({
    expected: `a fold from 1 to ${folds.length}`,
    found: String(fold),
    at: source,
    todo: "Choose one of these.",
  });
}

const withoutSplit = ({ split: _, ...candidate }: Candidate): Candidate => candidate;

/**
 * Returns the labels of the rows, in the order of the first source that has all of them, or by name if none
 * has.
 */
function labelOrder(rows: readonly Pick<Utterance, "label">[]): string[] {
  const present = [...new Set(rows.flatMap(({ label }) => label ?? []))].sort();
  const orders = dataSources().flatMap(({ labels }) => labels ? [labels] : []);
  const official = orders.find((labels) => present.every((label) => labels.includes(label)));
  return official === undefined ? present : official.filter((label) => present.includes(label));
}

/**
 * Throws UndertoneError if train has a single class or target, because a model could learn nothing from it.
 */
function requireVariety(
  rows: readonly Utterance[],
  rejected: readonly Rejection[],
  { target, path: at, reading }: { target: TargetKind; path: string; reading: LabelReading },
): void {
  const train = rows.filter(({ split }) => split === "train"), isClass = target === "class";
  const distinct = new Set(train.map((row) => isClass ? row.label : JSON.stringify(row.target)));
  if (distinct.size !== 1) return;
  const lost = rejected.length === 0 ? "" : ` (left out: ${rejectionCounts(rejected).join(", ")})`;
  const isMapped = reading.labelMap !== undefined || reading.onlyLabels !== undefined;
  const asked = isMapped
    ? `--labels (${mappingWords(reading)})`
    : `the column${isClass ? " 'label'" : "s of the target"}`;
  throw badInput({
    expected: `at least two ${isClass ? "classes" : "different targets"} in the split 'train'`,
    found: `only ${isClass ? `'${[...distinct][0]}'` : [...distinct][0]}${lost}`,
    at,
    todo: rejected.length === 0
      ? `Check ${asked} and how the rows are divided.`
      : `Fix the rows that were left out. The first: ${rejected[0].reason} (${rejected[0].at}).`,
  });
}

const withOddities = ({ rows, notes }: Dataset): Pick<Dataset, "rows" | "notes"> => ({
  rows,
  notes: [...notes, ...oddities(rows)],
});

const isNumber = (label: string): boolean => label.trim() !== "" && Number.isFinite(Number(label));

/** Returns notes on facts that are not faults but may surprise a reader of the results. */
function oddities(rows: readonly Utterance[]): string[] {
  const notes: string[] = [];
  const labels = [...new Set(rows.flatMap(({ label }) => label ?? []))];
  for (const same of Map.groupBy(labels, (label) => label.toLowerCase()).values()) {
    if (same.length > 1) {
      notes.push(`Labels that differ only in case are separate classes: ${same.join(", ")}.`);
    }
  }
  if (
    labels.length > 0 && labels.every(isNumber) && labels.some((label) => !Number.isInteger(Number(label)))
  ) {
    notes.push(
      "The labels are numbers, read as names of classes. To learn values, name the column 'value:<what>'.",
    );
  }
  for (const split of ["dev", "test"] as const) {
    const found = new Set(rows.flatMap((row) => row.split === split ? row.label ?? [] : []));
    if (found.size === 1) notes.push(`The split '${split}' has a single class, '${[...found][0]}'.`);
  }
  return notes;
}

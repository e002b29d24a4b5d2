/** Any data set that Undertone knows, from a path. */
import { dirname } from "node:path";
import type { Modality } from "./sequence.ts";
import { badInput, nearest } from "../errors.ts";
import { checkRows } from "./check.ts";
import { coverageNotes } from "./coverage.ts";
import { type CsvTable, readCsv } from "./csv.ts";
import { listFiles } from "./folder.ts";
import { isManifestTable, manifestSource } from "./manifest.ts";
import { isMeldTable, MELD_LABELS, meldFile, meldFolder, type MeldOptions, meldTables } from "./meld.ts";
import { RAVDESS_LABELS, ravdessClips, ravdessSource } from "./ravdess.ts";
import { SAMPLE_MANIFEST } from "./sample/mod.ts";
import type { Source } from "./source.ts";
import { divideRows } from "./split.ts";
import type { Dataset, Utterance } from "./utterance.ts";

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
 * Loads the data set at `path`: a manifest (CSV, or a folder with manifest.csv), one CSV of MELD, a folder of MELD, a
 * folder of RAVDESS, or the word `sample` for the embedded one. Rows that can't be used are in `rejected`. Throws
 * UndertoneError where the path is none of these, or nothing usable is left.
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
  const wanted = { labelled, audio: modalities.includes("audio"), encoding };
  const source =
    await (path === "sample"
      ? findSource(SAMPLE_MANIFEST, { ...wanted, encoding: undefined })
      : findSource(path, wanted));
  const checked = checkRows(source, { labels, labelled, modalities });
  const { rows, notes } = labelled
    ? divideRows(checked.rows, { seed, at: source.path })
    : { rows: checked.rows as Utterance[], notes: [] };
  if (labelled) requireClasses(rows, source.path);
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

async function findSource(path: string, options: MeldOptions): Promise<Source> {
  const what = await Deno.stat(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw badInput({
      expected: "a data set",
      found: `a path that can't be read (${error})`,
      at: path,
      todo: "Check its rights.",
    });
  });
  if (what === undefined) throw await missing(path);
  if (what.isFile) return tableSource(await readCsv(path, options.encoding), options);
  return folderSource(path.replace(/(?<=.)\/+$/, ""), options);
}

/** One CSV file: a manifest where it has all columns of one, else MELD where it has all of these. */
async function tableSource(table: CsvTable, options: MeldOptions): Promise<Source> {
  const { path, columns } = table, manifest = isManifestTable(table), meld = isMeldTable(table);
  if (meld && !manifest) return await meldFile(table, options);
  const unlike = !manifest && ["Utterance", "Emotion"].every((name) => columns.includes(name));
  if (unlike && (options.labelled || !(columns.includes("text") || columns.includes("audio")))) {
    throw badInput({
      expected: "the columns of a manifest (id, label, and text or audio) or of MELD (Utterance, Speaker, " +
        "Emotion, Dialogue_ID, Utterance_ID)",
      found: `only some of either (columns: ${columns.join(", ").slice(0, 200)})`,
      at: `${path}, line 1`,
      todo: "Add what is missing.",
    });
  }
  const source = manifestSource(table, options.labelled);
  const note = `${path} was read as a manifest, though it has all columns of MELD, too.`;
  return meld ? { ...source, notes: [note, ...source.notes] } : source;
}

/** A folder by the first of these that it holds: manifest.csv, the tables of MELD, clips of RAVDESS. */
async function folderSource(folder: string, options: MeldOptions): Promise<Source> {
  const files = await listFiles(folder, 3);
  const tables = files.filter((file) => file.endsWith(".csv") && !file.includes("/"));
  const meld = meldTables(files), clips = ravdessClips(files);
  const choices = [
    {
      what: "manifest.csv",
      there: files.includes("manifest.csv"),
      read: async () => await tableSource(await readCsv(`${folder}/manifest.csv`, options.encoding), options),
    },
    {
      what: `${meld.length} CSV files of MELD`,
      there: meld.length > 0,
      read: () => meldFolder(folder, files, options),
    },
    {
      what: `${clips.length} clips with names of RAVDESS`,
      there: clips.length > 0,
      read: () => ravdessSource(folder, files),
    },
  ];
  const [first, ...others] = choices.filter(({ there }) => there);
  if (first !== undefined) {
    const source = await first.read();
    if (others.length === 0) return source;
    const left = others.map(({ what }) => what).join(" and ");
    const note = `${folder} was read by its ${first.what}; it also holds ${left}.`;
    return { ...source, notes: [note, ...source.notes] };
  }
  throw badInput({
    expected:
      "a folder with manifest.csv, with MELD's *_sent_emo.csv, or with RAVDESS clips (03-01-01-01-01-01-01.wav)",
    found: files.length === 0 ? "no files" : `${files.length} other files (${files.slice(0, 3).join(", ")})`,
    at: folder,
    todo: tables.length > 0
      ? `If ${tables[0]} is a manifest, name it: ${folder}/${tables[0]}.`
      : "Check the path.",
  });
}

async function missing(path: string): Promise<Error> {
  const beside = await Array.fromAsync(Deno.readDir(dirname(path)), ({ name }) => name).catch(() => []);
  const meant = nearest(path.slice(path.lastIndexOf("/") + 1), [...beside, "sample"]);
  return badInput({
    expected: "a data set: a CSV file, a folder, or the word sample",
    found: "nothing",
    at: path,
    todo: meant === undefined ? "Check the path." : `Check the path. Is it '${meant}'?`,
  });
}

/** The labels of the rows, as MELD or RAVDESS orders them where all are theirs, else by name. */
function labelOrder(rows: readonly Utterance[]): string[] {
  const present = [...new Set(rows.flatMap(({ label }) => label ?? []))].sort();
  const official = [MELD_LABELS, RAVDESS_LABELS].find((labels) =>
    present.every((label) => (labels as readonly string[]).includes(label))
  );
  return official === undefined ? present : official.filter((label) => present.includes(label));
}

/** Throws UndertoneError where train has a single class: nothing can be learnt from it. */
function requireClasses(rows: readonly Utterance[], at: string): void {
  const classes = new Set(rows.flatMap(({ split, label }) => split === "train" ? [label] : []));
  if (classes.size !== 1) return;
  throw badInput({
    expected: "at least two classes in the split 'train'",
    found: `'${[...classes][0]}' alone`,
    at,
    todo: "Check the column 'label' and how the rows are divided.",
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

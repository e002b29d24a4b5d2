/** Any data set that Undertone knows, from a path. */
import { dirname } from "node:path";
import type { Modality } from "./sequence.ts";
import { badInput, nearest } from "../errors.ts";
import { checkRows } from "./check.ts";
import { readCsv } from "./csv.ts";
import { listFiles } from "./folder.ts";
import { manifestSource } from "./manifest.ts";
import { isMeldTable, MELD_LABELS, meldFile, meldFolder, meldTables } from "./meld.ts";
import { RAVDESS_LABELS, ravdessClips, ravdessSource } from "./ravdess.ts";
import { SAMPLE_MANIFEST } from "./sample/mod.ts";
import type { Source } from "./source.ts";
import { divideRows } from "./split.ts";
import type { Dataset, Utterance } from "./utterance.ts";

export interface LoadOptions {
  /** Label names in the order of their classes, e.g. a checkpoint's: rows with another label are left out. */
  labels?: readonly string[];
  /** False for rows to be predicted: label and split may be missing, and any label is let through. Default true. */
  labelled?: boolean;
  /** What the run reads; clips are looked for only where audio is among them. Default both. */
  modalities?: readonly Modality[];
  /** Of the splits that are made here, where the source has none or no dev. Default 0. */
  seed?: number;
}

/**
 * Loads the data set at `path`: a manifest (CSV, or a folder with manifest.csv), one CSV of MELD, a folder of MELD, a
 * folder of RAVDESS, or the word `sample` for the embedded one. Rows that can't be used are in `rejected`. Throws
 * UndertoneError where the path is none of these, or nothing usable is left.
 */
export async function loadDataset(path: string, options: LoadOptions = {}): Promise<Dataset> {
  const { labels, labelled = true, modalities = ["text", "audio"], seed = 0 } = options;
  const source = await findSource(
    path === "sample" ? SAMPLE_MANIFEST : path,
    labelled,
    modalities.includes("audio"),
  );
  const checked = checkRows(source, { labels, labelled, modalities });
  const { rows, notes } = labelled
    ? divideRows(checked.rows, { seed, at: source.path })
    : { rows: checked.rows as Utterance[], notes: [] };
  if (labelled) requireClasses(rows, source.path);
  return {
    name: source.name,
    labels: labels ?? source.labels ?? labelOrder(rows),
    rows,
    source: source.path,
    root: source.root,
    rejected: checked.rejected,
    notes: [...checked.notes, ...notes, ...oddities(rows)],
  };
}

async function findSource(path: string, labelled: boolean, audio: boolean): Promise<Source> {
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
  if (what.isFile) {
    const table = await readCsv(path);
    return isMeldTable(table) ? meldFile(table, audio) : manifestSource(table, labelled);
  }
  const folder = path.replace(/(?<=.)\/+$/, "");
  const files = await listFiles(folder, 3);
  if (files.includes("manifest.csv")) {
    return manifestSource(await readCsv(`${folder}/manifest.csv`), labelled);
  }
  if (meldTables(files).length > 0) return meldFolder(folder, files, audio);
  if (ravdessClips(files).length > 0) return ravdessSource(folder, files);
  const tables = files.filter((file) => file.endsWith(".csv") && !file.includes("/"));
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

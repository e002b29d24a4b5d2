/** MELD (Poria et al. 2019, https://aclanthology.org/P19-1050) in the files and folders in which it is published. */
import { basename, dirname } from "node:path";
import { badInput } from "../errors.ts";
import { type CsvTable, readCsv, requireColumns } from "./csv.ts";
import { listFiles } from "./folder.ts";
import type { Source } from "./source.ts";
import { type Split, SPLITS } from "./utterance.ts";

/** Its classes in their usual order, class 0 first. */
export const MELD_LABELS = ["neutral", "surprise", "fear", "sadness", "joy", "disgust", "anger"] as const;

const COLUMNS = ["Utterance", "Speaker", "Emotion", "Dialogue_ID", "Utterance_ID"] as const;

/** Folder of the published archive, named where a clip is missing. */
const OFFICIAL: Record<Split, string> = {
  train: "train_splits",
  dev: "dev_splits_complete",
  test: "output_repeated_splits_test",
};

/** Kinds of clip, preferred first where an utterance has several. */
const KINDS = ["flac", "wav", "ogg", "opus", "mp3", "m4a", "mp4"];
const CLIP = new RegExp(
  `^(?:(?<split>train|dev|test)_)?(?<name>dia\\d+_utt\\d+)\\.(${KINDS.join("|")})$`,
);

/** Whether a CSV has the columns of MELD. */
export const isMeldTable = (table: CsvTable): boolean =>
  ["Utterance", "Emotion"].every((name) => table.columns.includes(name));

/** Of files below a folder, the CSV files of MELD, train first: in the folder itself, or in its archives' train, dev, test. */
export const meldTables = (files: readonly string[]): string[] =>
  SPLITS.flatMap((split) =>
    files.filter((path) => path === `${split}_sent_emo.csv` || path === `${split}/${split}_sent_emo.csv`)
  );

/** All splits whose CSV lies in `folder` or below it. Throws UndertoneError where a table is damaged. */
export async function meldFolder(folder: string, files: readonly string[], audio: boolean): Promise<Source> {
  const paths = meldTables(files);
  const names = paths.map((path) => basename(path));
  const twice = paths.find((path, i) => names.indexOf(basename(path)) !== i);
  if (twice !== undefined) {
    throw badInput({
      expected: "one CSV for each split of MELD",
      found: `${basename(twice)} in several folders`,
      at: folder,
      todo: "Name the folder of one of them.",
    });
  }
  const tables = await Promise.all(paths.map((path) => readCsv(`${folder}/${path}`)));
  const absent = SPLITS.filter((split) => !names.includes(`${split}_sent_emo.csv`));
  const notes = absent.map((split) => `${folder} has no ${split}_sent_emo.csv.`);
  return meldSource(folder, folder, tables, audio ? files : undefined, notes);
}

/** The split of one CSV, with the clips that lie beside or below it. Throws UndertoneError as above. */
export async function meldFile(table: CsvTable, audio: boolean): Promise<Source> {
  const folder = dirname(table.path);
  return meldSource(table.path, folder, [table], audio ? await listFiles(folder, 2) : undefined, []);
}

function meldSource(
  path: string,
  root: string,
  tables: readonly CsvTable[],
  files: readonly string[] | undefined,
  notes: readonly string[],
): Source {
  const only = tables.length === 1 ? splitOf(basename(tables[0].path)) : undefined;
  const { clips, unplaced } = clipsBySplit(files ?? [], only);
  const candidates = tables.flatMap((table) => {
    requireColumns(table, COLUMNS);
    const split = splitOf(basename(table.path));
    if (split === undefined) {
      throw badInput({
        expected: "a file name with train, dev or test in it, as in test_sent_emo.csv",
        found: basename(table.path),
        at: table.path,
        todo: "Rename the file.",
      });
    }
    return table.rows.map(({ line, cells }) => {
      const name = `dia${cells.Dialogue_ID}_utt${cells.Utterance_ID}`;
      const clip = clips.get(`${split}/${name}`) ?? `${OFFICIAL[split]}/${name}.mp4`;
      return {
        at: `${table.path}, line ${line}`,
        id: `${split}_${name}`,
        split,
        text: cells.Utterance,
        audio: clips.size > 0 ? clip : undefined,
        label: cells.Emotion.toLowerCase(),
        speaker: cells.Speaker,
        dialogue: `${split}_dia${cells.Dialogue_ID}`, // numbering starts anew in each split
        turn: cells.Utterance_ID,
      };
    });
  });
  const silent = files !== undefined && clips.size === 0;
  return {
    name: "MELD",
    path,
    root,
    labels: MELD_LABELS,
    candidates,
    rejected: tables.flatMap((table) => table.rejected),
    notes: [
      ...notes,
      ...tables.flatMap((table) => table.notes),
      ...(unplaced > 0 ? [`Ignored ${unplaced} clips: neither name nor folder says of which split.`] : []),
      ...(silent ? [`No clips (dia0_utt0.flac, .wav, .mp4, …) in ${root} or below: text alone.`] : []),
    ],
  };
}

/**
 * Clips by `split/dia0_utt0`. Names or folders say the split: the published ones, and any with train, dev or test in its
 * name; the others are of the one split that was asked for, or can't be placed.
 */
function clipsBySplit(
  files: readonly string[],
  only: Split | undefined,
): { clips: Map<string, string>; unplaced: number } {
  const rank = (path: string) => KINDS.indexOf(path.slice(path.lastIndexOf(".") + 1));
  const clips = new Map<string, string>();
  let unplaced = 0;
  for (const path of files) {
    const found = CLIP.exec(basename(path))?.groups;
    if (found === undefined) continue;
    const split = found.split ?? splitOf(dirname(path)) ?? only;
    const key = `${split}/${found.name}`;
    const known = clips.get(key);
    if (split === undefined) unplaced++;
    else if (known === undefined || rank(path) < rank(known)) clips.set(key, path);
  }
  return { clips, unplaced };
}

/** The split that a path speaks of, by the last of its parts that names one. */
function splitOf(path: string): Split | undefined {
  for (const part of path.toLowerCase().split("/").reverse()) {
    const found = /train|dev|val|test/.exec(part)?.[0];
    if (found !== undefined) return found === "val" ? "dev" : found as Split;
  }
}

/** Reads MELD (Poria et al. 2019, https://aclanthology.org/P19-1050) in its published files and folders. */
import { basename, dirname } from "node:path";
import { badInput } from "../../../errors.ts";
import { type CsvTable, requireColumns } from "../../csv.ts";
import { listFiles } from "../../folder.ts";
import { MANIFEST_COLUMNS } from "../columns.ts";
import { type Candidate, type CandidateSource, type DataSource, type Place, quoted } from "../source.ts";
import { splitInName as splitOf } from "../split_in_name.ts";
import { type Split, splitNamed, SPLITS } from "../../utterance.ts";

/** The classes of MELD in their usual order, class 0 first. */
export const MELD_LABELS = ["neutral", "surprise", "fear", "sadness", "joy", "disgust", "anger"] as const;

const COLUMNS = ["Utterance", "Speaker", "Emotion", "Dialogue_ID", "Utterance_ID"] as const;

/** The dyadic release renumbers its dialogues, but clips are still named by these columns. */
const OLD = ["Old_Dialogue_ID", "Old_Utterance_ID"] as const;

/** Published columns that are not used. */
const UNREAD = ["Sr No.", "Sentiment", "Season", "Episode", "StartTime", "EndTime"];

/** Folders of the published archive, for the path of a missing clip. */
const OFFICIAL: Record<Split, string> = {
  train: "train_splits",
  dev: "dev_splits_complete",
  test: "output_repeated_splits_test",
};

/** Kinds of clip, in order of preference if an utterance has several. */
const KINDS = ["flac", "wav", "ogg", "opus", "mp3", "m4a", "aac", "mp4", "mkv", "mov", "avi", "webm", "flv"];
const CLIP = new RegExp(
  `^(?:(?<split>train|dev|test)_)?(?<name>dia\\d+_utt\\d+)\\.(${KINDS.join("|")})$`,
  "i",
);

/** File names of the tables, with their split. The suffix `_dya` is the dyadic release. */
const TABLE = /^(train|dev|test)_sent_emo(_dya)?\.csv$/i;

/** Recognises MELD by the names of its CSV files or by their columns. */
export const meld: DataSource = {
  id: "meld",
  name: "MELD",
  summary: "a MELD folder (with *_sent_emo.csv) or CSV",
  labels: MELD_LABELS,

  async recognise(_, place) {
    if (place.kind === "folder") {
      const { length } = meldTables(await place.files());
      return length > 0 ? { strength: 70, reason: `${length} CSV files of MELD` } : undefined;
    }
    const columns = await place.columns() ?? [];
    if (hasAllColumns(columns)) return { strength: 70, reason: "all columns of MELD" };
    const some = ["Utterance", "Emotion"].every((name) => columns.includes(name));
    return some ? { strength: 20, reason: "columns 'Utterance' and 'Emotion'" } : undefined;
  },

  read: (path, place) => place.kind === "folder" ? meldFolder(path, place) : meldFile(path, place),
};

/** Returns whether the columns include all of MELD's, in any case. */
const hasAllColumns = (columns: readonly string[]): boolean =>
  COLUMNS.every((name) => columnLike({ columns }, name));

/**
 * Returns the CSV files of MELD among a folder's files, train first. They are in the folder itself or in its
 * subfolders train, dev and test. Files of the dyadic release count only if there are no others.
 */
function meldTables(files: readonly string[]): string[] {
  const tables = SPLITS.flatMap((split) =>
    files.filter((path) => {
      const folder = dirname(path);
      return TABLE.exec(basename(path))?.[1].toLowerCase() === split && (folder === "." || folder === split);
    })
  );
  const whole = tables.filter((path) => !isDyadic(path));
  return whole.length > 0 ? whole : tables;
}

const isDyadic = (path: string): boolean => TABLE.exec(basename(path))?.[2] !== undefined;

/** Reads all splits whose CSV is in `folder` or below it. Throws UndertoneError if a table is damaged. */
async function meldFolder(folder: string, place: Place): Promise<CandidateSource> {
  const files = await place.files();
  const paths = meldTables(files), splits = paths.map((path) => splitOf(basename(path)));
  if (paths.length === 0) {
    throw badInput({
      expected:
        "CSV files of MELD (train_sent_emo.csv, …), in the folder or in its subfolders train, dev and test",
      found: `none among ${files.length} files`,
      at: folder,
      todo: "Name the folder that contains them, or one CSV file.",
    });
  }
  const twice = paths.find((_, i) => splits.indexOf(splits[i]) !== i);
  if (twice !== undefined) {
    throw badInput({
      expected: "one CSV for each split of MELD",
      found: `${basename(twice)} in several folders`,
      at: folder,
      todo: "Name the folder of one of them.",
    });
  }
  const tables = await Promise.all(paths.map((path) => place.table(path)));
  const notes = SPLITS.filter((split) => !splits.includes(split))
    .map((split) => `${folder} has no ${split}_sent_emo${isDyadic(paths[0]) ? "_dya" : ""}.csv.`);
  const unread = files.filter((path) => isDyadic(path) && !paths.includes(path));
  if (unread.length > 0) notes.push(`Not read: ${unread.join(", ")}. Name such a file to read it alone.`);
  return meldSource(folder, folder, tables, place.audio ? files : undefined, place, notes);
}

/** Reads one CSV, with the clips beside or below it. Throws UndertoneError like `meldFolder`. */
async function meldFile(path: string, place: Place): Promise<CandidateSource> {
  const table = await place.table(), folder = dirname(path);
  if (!hasAllColumns(table.columns)) {
    if (!COLUMNS.some((name) => columnLike(table, name))) requireColumns(table, COLUMNS);
    throw badInput({
      expected: `the columns of a manifest (id, label, and text or audio) or of MELD (${COLUMNS.join(", ")})`,
      found: `only some of either (columns: ${table.columns.join(", ").slice(0, 200)})`,
      at: `${path}, line 1`,
      todo: "Add the missing columns.",
    });
  }
  return meldSource(path, folder, [table], place.audio ? await listFiles(folder, 2) : undefined, place, []);
}

function meldSource(
  path: string,
  root: string,
  tables: readonly CsvTable[],
  files: readonly string[] | undefined,
  { labelled, byName }: Place,
  notes: string[],
): CandidateSource {
  const added = tables.some(({ columns }) => columns.includes("split"));
  const only = tables.length === 1 && !added ? splitOf(basename(tables[0].path)) : undefined;
  const { clips, unplaced } = clipsBySplit(files ?? [], only);
  const candidates = tables.flatMap((table) => {
    const { names, own } = columnsOf(table, notes);
    const split = own.includes("split") ? undefined : splitOf(basename(table.path));
    if (split === undefined && !own.includes("split") && labelled) {
      const like = columnLike(table, "split");
      throw badInput({
        expected:
          "a column 'split', or one of train, dev and test in the file's name, as in test_sent_emo.csv",
        found: `neither (${basename(table.path)})`,
        at: table.path,
        todo: like === undefined ? "Add the column." : `Rename the column '${like}' to 'split'.`,
      });
    }
    if (!TABLE.test(basename(table.path)) || !COLUMNS.every((name) => table.columns.includes(name))) {
      const why = split === undefined
        ? "its columns"
        : `its columns, and as split '${split}' because of its name`;
      notes.push(`${table.path} was read as MELD because of ${why}.`);
    }
    return table.rows.map(({ line, cells }): Candidate => {
      const cell = (name: string) => cells[names[name]];
      const part = own.includes("split") ? splitNamed(cells.split) : split;
      const prefix = part === undefined ? "" : `${part}_`;
      const clip = names.Old_Dialogue_ID
        ? `dia${cell("Old_Dialogue_ID")}_utt${cell("Old_Utterance_ID")}`
        : `dia${cell("Dialogue_ID")}_utt${cell("Utterance_ID")}`;
      const missing = `${part ? `${OFFICIAL[part]}/` : ""}${clip}.mp4`;
      return {
        at: `${table.path}, line ${line}`,
        id: `${prefix}dia${cell("Dialogue_ID")}_utt${cell("Utterance_ID")}`,
        split: part,
        text: cell("Utterance"),
        audio: clips.size > 0 || byName ? clips.get(`${part}/${clip}`) ?? missing : undefined,
        label: cell("Emotion").toLowerCase(),
        speaker: cell("Speaker"),
        dialogue: `${prefix}dia${cell("Dialogue_ID")}`, // numbering restarts in each split
        turn: cell("Utterance_ID"),
        ...Object.fromEntries(own.map((name) => [name, cells[name]])),
      };
    });
  });
  const silent = files !== undefined && clips.size === 0 && candidates.every(({ audio }) => !audio);
  if (unplaced > 0) {
    notes.push(`Ignored ${unplaced} clips: neither their name nor their folder names a split.`);
  }
  if (silent) {
    notes.push(`Found no clips (dia0_utt0.flac, .wav, .mp4, …) in or below ${root}: only text is used.`);
  }
  return {
    name: "MELD",
    path,
    root,
    labels: tables.some(({ columns }) => columns.includes("label")) ? undefined : MELD_LABELS,
    candidates,
    rejected: tables.flatMap((table) => table.rejected),
    notes,
  };
}

/**
 * Returns the table's names for the columns of MELD, and its columns that are named as in a manifest. The
 * latter were added by a user and take precedence. Adds notes on what is ignored. Throws UndertoneError if
 * the table has only one of the two columns of the dyadic release.
 */
function columnsOf(table: CsvTable, notes: string[]): { names: Record<string, string>; own: string[] } {
  const found = [...COLUMNS, ...OLD].flatMap((name) => {
    const column = columnLike(table, name);
    return column === undefined ? [] : [[name, column] as const];
  });
  const names = Object.fromEntries(found), read = new Set(Object.values(names));
  if (OLD.some((name) => names[name])) {
    requireColumns({ ...table, columns: Object.keys(names) }, OLD);
    const note =
      "Clips are found by Old_Dialogue_ID and Old_Utterance_ID, because this is the dyadic release. An " +
      "utterance can be in two of its dialogues.";
    if (!notes.includes(note)) notes.push(note);
  }
  notes.push(...table.notes);
  const own = MANIFEST_COLUMNS.filter((name) => table.columns.includes(name) && !read.has(name));
  if (own.length > 0) notes.push(`Columns of ${table.path} used instead of MELD's: ${quoted(own)}.`);
  const unread = UNREAD.map((name) => columnLike(table, name));
  const others = table.columns.filter((name) =>
    !read.has(name) && !(own as string[]).includes(name) && !unread.includes(name)
  );
  if (others.length > 0) notes.push(`Ignored columns of ${table.path}: ${quoted(others)}.`);
  return { names, own };
}

/** Returns the column of that name, or one that differs only in case, spaces, dots and underscores. */
function columnLike({ columns }: Pick<CsvTable, "columns">, name: string): string | undefined {
  const plain = (name: string) => name.toLowerCase().replaceAll(/[\s_.]/g, "");
  return columns.includes(name) ? name : columns.find((column) => plain(column) === plain(name));
}

/**
 * Maps `split/dia0_utt0` to clips. The split comes from the name or the folder: a published one, or any with
 * train, dev or test in its name. Other clips belong to `only`, the single split being read, or are counted
 * as unplaced.
 */
function clipsBySplit(files: readonly string[], only: Split | undefined) {
  const rank = (path: string) => KINDS.indexOf(path.slice(path.lastIndexOf(".") + 1).toLowerCase());
  const clips = new Map<string, string>();
  let unplaced = 0;
  for (const path of files) {
    const found = CLIP.exec(basename(path))?.groups;
    if (found === undefined) continue;
    const split = splitNamed(found.split ?? "") ?? splitOf(dirname(path)) ?? only;
    const key = `${split}/${found.name.toLowerCase()}`;
    const known = clips.get(key);
    if (split === undefined) unplaced++;
    else if (known === undefined || rank(path) < rank(known)) clips.set(key, path);
  }
  return { clips, unplaced };
}

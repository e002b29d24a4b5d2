/**
 * Reads parquet files as tables of text, also those of Hugging Face's `datasets`: clips in a column, and
 * classes that are numbers with names in the file's description.
 */
import { dirname, join, resolve } from "node:path";
import { badInput, count } from "../../errors.ts";
import { openParquet, type ParquetColumn, type ParquetFile } from "../../files/mod.ts";
import type { CsvRow, CsvTable } from "../csv.ts";
import { clipNames, folderOf, unpackClips } from "../unpack.ts";
import type { Rejection } from "../utterance.ts";
import { type ColumnNames, renamed, requireColumn } from "./columns.ts";
import { usualColumns, usualNotes } from "./usual_columns.ts";

/** How a file is read. */
export interface ParquetOptions {
  /** The user's names of columns. Columns that it does not name are found by their usual names. */
  columnNames?: ColumnNames;
  /** Whether clips are unpacked. If not, only their names are read. */
  unpack: boolean;
  /** The cache folder, for unpacked clips. */
  cache: string;
}

/** The folder of unpacked clips, below the cache folder. */
const CLIPS = "clips";

const isClip = ({ kind }: ParquetColumn): boolean => kind === "file" || kind === "bytes";

/** Returns the names of the columns that `readParquet` will give the table. Throws UndertoneError. */
export async function parquetColumns(path: string, columnNames: ColumnNames = {}): Promise<string[]> {
  using file = await openParquet(path);
  const names = { ...namesIn(file, columnNames), ...columnNames }, named = new Set(Object.values(names));
  return [...Object.keys(names), ...file.columns.map(({ name }) => name).filter((name) => !named.has(name))];
}

/** Returns the names that a user has not given. */
const namesIn = (file: ParquetFile, given: ColumnNames): ColumnNames => {
  const classes = classNames(file);
  const columns = file.columns.filter(({ kind }) => kind !== "other")
    .map((column) => ({ name: column.name, clips: isClip(column), classes: classes.has(column.name) }));
  return usualColumns(columns, given);
};

/**
 * Reads a parquet file as a table with the columns of a manifest. Clips in a column get paths below the cache
 * folder, where they are unpacked. Other columns of bytes, lists or structures are left out, with a note.
 * Throws UndertoneError.
 */
export async function readParquet(
  path: string,
  { columnNames = {}, unpack, cache }: ParquetOptions,
): Promise<CsvTable> {
  using file = await openParquet(path);
  const usual = namesIn(file, columnNames), names = { ...usual, ...columnNames };
  const clips = file.columns.find((column) => column.name === names.audio && isClip(column));
  const read = file.columns.filter((column) =>
    column === clips || !(isClip(column) || column.kind === "other")
  );
  requireReadable(file, read, columnNames);
  const classes = classNames(file), rows: CsvRow[] = [], rejected: Rejection[] = [];
  const plain = read.filter(({ kind }) => kind !== "bytes").map(({ name }) => name);
  const paths: (string | null | undefined)[] = clips?.kind === "bytes" ? new Array(file.rows).fill(null) : [];
  for await (
    const group of plain.length > 0 ? file.groups(plain, clips?.kind === "file" ? [clips.name] : []) : []
  ) {
    for (const cells of group) {
      const line = rows.length + rejected.length + 1, texts: Record<string, string> = {};
      if (clips?.kind === "file") paths.push(pathOf(cells[clips.name]));
      for (const name of plain) texts[name] = textOf(cells[name]);
      const unnamed = [...classes].find(([name, own]) =>
        name in texts && own[Number(texts[name])] === undefined && !isNone(texts[name])
      );
      for (const [name, own] of classes) {
        if (name in texts) {
          texts[name] = isNone(texts[name]) ? "" : own[Number(texts[name])];
        }
      }
      if (unnamed === undefined) rows.push({ line, cells: texts });
      else {
        const reason = `no name for the class: ${textOf(cells[unnamed[0]])} in column '${unnamed[0]}'`;
        rejected.push({ id: `row ${line}`, at: `${path}, row ${line}`, reason });
      }
    }
  }
  const notes = clips ? await placeClips(file, clips.name, rows, paths, { unpack, cache }) : [];
  const table: CsvTable = {
    path,
    columns: read.map(({ name }) => name),
    rows,
    rejected,
    notes: [...usualNotes(path, usual), ...leftOutNotes(file, read), ...notes],
    unit: "row",
    ...clips && unpack && { root: join(cache, CLIPS) },
  };
  return renamed(table, names);
}

/**
 * Whether a cell of classes has none: it is empty, or -1, which `datasets` writes for rows without a label.
 */
const isNone = (cell: string): boolean => cell === "" || cell === "-1";

/**
 * Throws UndertoneError if the user names a column that is not there, or one of lists, structures or bytes.
 */
function requireReadable(file: ParquetFile, read: readonly ParquetColumn[], given: ColumnNames): void {
  const columns = file.columns.map(({ name }) => name);
  for (const [column, name] of Object.entries(given)) {
    requireColumn({ path: file.path, columns }, column, name);
  }
  const isOdd = ([, name]: [string, string]) =>
    file.columns.some((column) => column.name === name) && !read.some((column) => column.name === name);
  const odd = Object.entries(given).find(isOdd);
  if (!odd) return;
  throw badInput({
    expected: `a column of text or numbers for --columns.${odd[0]}`,
    found: `'${odd[1]}', which holds bytes, lists or structures`,
    at: file.path,
    todo: `Choose one of ${read.map(({ name }) => `'${name}'`).join(", ")}.`,
  });
}

/** Writes the path of each row's clip into its cells, and returns a note on where clips are unpacked. */
async function placeClips(
  file: ParquetFile,
  column: string,
  rows: readonly CsvRow[],
  paths: readonly (string | null | undefined)[],
  { unpack, cache }: { unpack: boolean; cache: string },
): Promise<string[]> {
  const names = clipNames(paths), part = await folderOf(file, column), folder = join(cache, CLIPS, part);
  const held = unpack
    ? await unpackClips({ file, column, folder, names })
    : names.map((name) => name !== undefined);
  const clipOf = (i: number) => {
    if (held[i]) return `${part}/${names[i]}`;
    return paths[i] ? resolve(dirname(file.path), paths[i]) : "";
  };
  for (const { line, cells } of rows) (cells as Record<string, string>)[column] = clipOf(line - 1);
  const unpacked = held.filter((isHeld) => isHeld).length;
  return unpack && unpacked > 0
    ? [`The clips of ${file.path} are unpacked in ${folder}: ${count(unpacked, "file")}.`]
    : [];
}

/** Returns the path in a cell with a clip: null if it has none, undefined if there is no clip. */
const pathOf = (cell: unknown): string | null | undefined =>
  cell === null || cell === undefined ? undefined : (cell as { path?: string | null }).path ?? null;

/** Returns a cell as text, as a CSV file would have it. */
function textOf(cell: unknown): string {
  if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? "" : cell.toISOString();
  return cell === null || typeof cell === "object" || cell === undefined ? "" : String(cell).trim();
}

function leftOutNotes({ path, columns }: ParquetFile, read: readonly ParquetColumn[]): string[] {
  const others = columns.filter((column) => !read.includes(column)).map(({ name }) => `'${name}'`);
  return others.length > 0
    ? [`Ignored columns of ${path} that hold bytes, lists or structures: ${others.join(", ")}.`]
    : [];
}

/** Returns the names of the classes by column, as `datasets` writes them into its files. */
function classNames({ about, columns }: ParquetFile): Map<string, readonly string[]> {
  const features = featuresOf(about.get("huggingface"));
  return new Map(columns.flatMap(({ name, kind }): [string, string[]][] => {
    const { _type, names } = (features[name] ?? {}) as { _type?: unknown; names?: unknown };
    const isNamed = kind === "number" && _type === "ClassLabel" && Array.isArray(names) &&
      names.every((each) => typeof each === "string");
    return isNamed ? [[name, names]] : [];
  }));
}

/** Returns the features in the description that `datasets` adds; none if it is another text. */
function featuresOf(text = "{}"): Record<string, unknown> {
  try {
    return JSON.parse(text)?.info?.features ?? {};
  } catch {
    return {};
  }
}

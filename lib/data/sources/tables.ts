/**
 * Reads other people's tables: a folder with one CSV or parquet file for each split, as on the Hugging Face
 * hub, or one parquet file.
 */
import { basename, dirname, join, resolve } from "node:path";
import { badInput, count } from "../../errors.ts";
import { isParquet } from "../../files/mod.ts";
import type { CsvTable } from "../csv.ts";
import { withIds } from "./ids.ts";
import { manifestSource } from "./manifest.ts";
import { type CandidateSource, type DataSource, type Place, quoted } from "./source.ts";
import { splitInName } from "./split_in_name.ts";

const PARQUET = /\.parquet$/i, TEXT = /\.[ct]sv$/i;

/** Recognises tables by the names of their files. */
export const tables: DataSource = {
  id: "tables",
  name: "tables by split",
  summary: "a folder of tables (train.csv, test.csv, or data/train-00000-of-00001.parquet), one parquet file",
  reads: "columns",

  async recognise(path, place) {
    if (place.kind === "file") {
      const isOne = PARQUET.test(path) || await isParquet(path);
      return isOne ? { strength: 95, reason: "content, a parquet file" } : undefined;
    }
    if (place.kind !== "folder") return undefined;
    const files = await place.files();
    if (savedIn(files)) return { strength: 60, reason: "files of save_to_disk" };
    const found = tablesIn(files), [first] = found;
    if (first === undefined) return undefined;
    const isNamed = PARQUET.test(first) || place.columnNames !== undefined;
    return { strength: isNamed ? 60 : 30, reason: `${count(found.length, "table")}, e.g. ${first}` };
  },

  async read(path, place) {
    if (place.kind === "file") return manifestSource(withIds([await place.table()])[0], place);
    const files = await place.files(), saved = savedIn(files), found = tablesIn(files);
    if (saved) throw isSaved(path, saved);
    if (found.length > 0) return await readTables(path, found, place);
    throw badInput({
      expected: "tables whose names tell their split (train.csv, dev.csv, test.csv, or .parquet)",
      found: `none among ${count(files.length, "file")}`,
      at: path,
      todo: "Name one table: the file itself is read as well.",
    });
  },
};

/**
 * Returns the tables of a folder: parquet files, or else CSV files in the folder itself whose names tell a
 * split.
 */
function tablesIn(files: readonly string[]): string[] {
  const parquet = files.filter((file) => PARQUET.test(file));
  if (parquet.length > 0) return parquet;
  return files.filter((file) => TEXT.test(file) && !file.includes("/") && splitInName(file) !== undefined);
}

/** Returns a file by which `save_to_disk` of datasets is known. */
const savedIn = (files: readonly string[]): string | undefined =>
  files.find((file) => /(^|\/)(state|dataset_dict)\.json$/.test(file)) !== undefined
    ? files.find((file) => /\.arrow$/.test(file))
    : undefined;

/** Returns the error for a folder of arrow files, which says how to get parquet files of it. */
function isSaved(folder: string, file: string): Error {
  const split = dirname(file) === "." ? undefined : dirname(file).split("/")[0];
  const each = split === undefined
    ? `load_from_disk("${folder}").to_parquet("my_data/train.parquet")`
    : `[part.to_parquet(f"my_data/{name}.parquet") for name, part in load_from_disk("${folder}").items()]`;
  return badInput({
    expected: "tables as CSV or parquet files",
    found: `a folder of save_to_disk (${file}), which only datasets reads`,
    at: folder,
    todo: `In Python: \`from datasets import load_from_disk; ${each}\`. Then name the folder my_data.`,
  });
}

/** Reads all tables as one data set. Throws UndertoneError if they have different targets. */
async function readTables(folder: string, files: readonly string[], place: Place): Promise<CandidateSource> {
  requireOneKind(folder, files);
  const splits = files.map(splitInName), named = splits.some((split) => split !== undefined);
  const tables: CsvTable[] = [];
  for (const file of files) tables.push(await place.table(file));
  const sources = withIds(tables).map((table, i) =>
    manifestSource(named ? withSplit(table, splits[i] ?? "") : table, place)
  );
  const [first] = sources, other = sources.find((source) => targetOf(source) !== targetOf(first));
  if (other) {
    throw badInput({
      expected: "tables with the same targets",
      found: `${targetOf(first)} in ${basename(first.path)} and ${targetOf(other)} in ${
        basename(other.path)
      }`,
      at: folder,
      todo: "Name one of the tables, or give all of them the same columns.",
    });
  }
  const root = sources.every(({ root }) => root === first.root) ? first.root : folder;
  const ids = sources.flatMap(({ candidates }) => candidates.map(({ id }) => id));
  const isRepeated = new Set(ids).size < ids.length;
  const unsplit = files.filter((_, i) => splits[i] === undefined);
  return {
    ...first,
    name: basename(folder) === "data" ? basename(dirname(folder)) : basename(folder),
    path: folder,
    root,
    candidates: sources.flatMap(({ root: own, candidates }, i) =>
      candidates.map((row) => ({
        ...row,
        ...isRepeated && { id: `${stem(files[i])} ${row.id}` },
        ...row.audio && own !== root && { audio: resolve(own, row.audio) },
      }))
    ),
    rejected: sources.flatMap(({ rejected }) => rejected),
    notes: [
      ...isRepeated ? [`Ids repeat in the tables of ${folder}, so they begin with the table's name.`] : [],
      ...named && unsplit.length > 0
        ? [`The names of ${quoted(unsplit.slice(0, 3))} in ${folder} tell no split.`]
        : [],
      ...shardNotes(folder, files),
      ...sharedNotes(sources),
    ],
  };
}

/** Says which of the numbered files of a data set (`train-00000-of-00002.parquet`) are not there. */
function shardNotes(folder: string, files: readonly string[]): string[] {
  const shards = files.flatMap((file) => {
    const [, name, number, of] = /^(.*?)-(\d{4,6})-of-(\d{4,6})\.\w+$/.exec(file) ?? [];
    return name === undefined ? [] : [{ name, number: Number(number), of: Number(of) }];
  });
  return [...Map.groupBy(shards, ({ name, of }) => `${name} ${of}`).values()].flatMap((found) => {
    const [{ name, of }] = found, there = new Set(found.map(({ number }) => number)).size;
    return there >= of ? [] : [
      `${folder} has ${there} of ${count(of, "file")} of '${name}': rows are missing. Fetch the others, too.`,
    ];
  });
}

/** Returns the notes of all tables; one that several tables have is told once, of the first. */
function sharedNotes(sources: readonly CandidateSource[]): string[] {
  const notes = sources.flatMap(({ path, notes }) => notes.map((note) => ({ note, path })));
  const alike = Map.groupBy(
    notes,
    ({ note, path }) => note.replaceAll(path, "").replaceAll(/\b[0-9a-f]{16}\b|\d+/g, ""),
  );
  return [...alike.values()].map(([{ note }, ...others]) =>
    others.length === 0 ? note : `${note} The same holds for ${count(others.length, "more table")}.`
  );
}

/** Returns the targets of a source in words. */
const targetOf = ({ target = "class", labels }: CandidateSource): string =>
  labels ? `${target} (${[...labels].sort().join(", ")})` : target;

const stem = (file: string): string => basename(file).replace(/\.\w+$/, "");

/** Returns a table with a split for all rows, unless it has a column of splits. */
function withSplit(table: CsvTable, split: string): CsvTable {
  if (table.columns.includes("split")) return table;
  const rows = table.rows.map(({ line, cells }) => ({ line, cells: { ...cells, split } }));
  return { ...table, columns: [...table.columns, "split"], rows };
}

/** Throws UndertoneError if the tables lie in folders of several data sets, such as one for each language. */
function requireOneKind(folder: string, files: readonly string[]): void {
  const folders = [
    ...new Set(files.map((file) => {
      const parts = dirname(file).split("/");
      return parts.filter((part) => part !== "." && splitInName(part) === undefined).join("/");
    })),
  ];
  if (folders.length <= 1) return;
  throw badInput({
    expected: "the tables of one data set",
    found: `tables in the folders ${quoted(folders.slice(0, 5).map((name) => name || "."))}`,
    at: folder,
    todo: `Name one of them, for example ${join(folder, folders.find((name) => name !== "")!)}.`,
  });
}

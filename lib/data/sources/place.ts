/** The view of a path that data sources get. */
import { badInput, UndertoneError } from "../../errors.ts";
import { type CsvTable, readCsv } from "../csv.ts";
import { listFiles } from "../folder.ts";
import { isParquet } from "../../files/mod.ts";
import { inProject } from "../../paths.ts";
import { renamed } from "./columns.ts";
import { parquetColumns, readParquet } from "./parquet_table.ts";
import type { Place, Wanted } from "./source.ts";

/**
 * Folders below a folder in which files are looked for: ESD's clips lie three below, and one may be above.
 */
const DEPTH = 5;

/** Returns the place at a path. Throws UndertoneError if the path can't be accessed. */
export async function placeAt(path: string, wanted: Wanted): Promise<Place> {
  const kind = await kindOf(path), tables = new Map<string, Promise<CsvTable>>();
  let listing: Promise<string[]> | undefined;
  const table = (file?: string): Promise<CsvTable> => {
    const at = file === undefined ? path : `${withoutSlash(path)}/${file}`;
    if (!tables.has(at)) tables.set(at, readTable(at, wanted));
    return tables.get(at)!;
  };
  const wrongKind = (expected: string) =>
    badInput({
      expected,
      found: kind === "nothing" ? "nothing" : `a ${kind}`,
      at: path,
      todo: "Check the path.",
    });
  return {
    ...wanted,
    kind,
    files: async () => {
      if (kind !== "folder") throw wrongKind("a folder");
      return await (listing ??= listFiles(withoutSlash(path), DEPTH));
    },
    columns: async () => {
      if (kind !== "file") return undefined;
      if (await isParquet(path)) return await parquetColumns(path, wanted.columnNames).catch(ignoreBadInput);
      return (await table().catch(ignoreBadInput))?.columns;
    },
    table: async (file) => {
      if (kind === "nothing" || (kind === "folder") !== (file !== undefined)) throw wrongKind("a CSV file");
      return await table(file);
    },
  };
}

/** Reads a CSV or parquet file, with the manifest's names for the columns that the user names. */
async function readTable(path: string, { audio, cache, columnNames, encoding }: Wanted): Promise<CsvTable> {
  if (!await isParquet(path) && !/\.parquet$/i.test(path)) {
    return renamed(await readCsv(path, encoding), columnNames);
  }
  return await readParquet(path, { columnNames, unpack: audio, cache: cache ?? inProject("outputs/cache") });
}

/** Turns `my/folder/` into `my/folder`. */
export const withoutSlash = (path: string): string => path.replace(/(?<=.)\/+$/, "");

async function kindOf(path: string): Promise<Place["kind"]> {
  const refused = (found: string, todo: string) =>
    badInput({ expected: "a data set", found, at: path, todo });
  const { isFile, isDirectory } = await Deno.stat(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return { isFile: undefined, isDirectory: undefined };
    }
    throw refused(`a path that can't be read (${error})`, "Check its permissions.");
  });
  if (isFile === undefined) return "nothing";
  if (isFile || isDirectory) return isFile ? "file" : "folder";
  throw refused("a device or a pipe", "Name a file or a folder.");
}

function ignoreBadInput(error: unknown): undefined {
  if (!(error instanceof UndertoneError)) throw error;
}

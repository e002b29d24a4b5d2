/** Reads tables from parquet files, one row group at a time, so that a large file is never in memory. */
import type { FileMetaData, RowGroup, SchemaTree } from "hyparquet";
import { extentOf, readFooter, unreadable } from "./parquet_footer.ts";
import { compressors, requirePages } from "./parquet_pages.ts";
import { openRanges, type Ranges } from "./ranges.ts";

export { isParquet } from "./parquet_footer.ts";

/** What the cells of a column are. `file` is a structure of `bytes` and `path`, as `datasets` keeps clips. */
export type ParquetKind = "text" | "bytes" | "number" | "boolean" | "time" | "file" | "other";

/** A column of a parquet file. */
export interface ParquetColumn {
  name: string;
  kind: ParquetKind;
}

/** An open parquet file. */
export interface ParquetFile extends Disposable {
  path: string;
  columns: readonly ParquetColumn[];
  /** Number of rows. */
  rows: number;
  /** Texts that its writer added, by key. */
  about: ReadonlyMap<string, string>;
  /** The bytes of its footer. */
  footer: Uint8Array;
  /**
   * Yields the rows of each row group, as cells by column name: null, text, a number, a bigint, a boolean, a
   * Date, bytes, or an object with `bytes` and `path`. Of the columns in `pathOnly`, the bytes are not read.
   * Throws UndertoneError.
   */
  groups(columns: readonly string[], pathOnly?: readonly string[]): AsyncGenerator<ParquetRow[]>;
}

/** A row by column name. */
export type ParquetRow = Record<string, unknown>;

/** Opens a parquet file and reads its footer. Throws UndertoneError. */
export async function openParquet(path: string): Promise<ParquetFile> {
  const file = await openRanges(path).catch((cause) => {
    throw unreadable(path, `one that can't be opened (${cause.message})`, cause, "Check the path.");
  });
  try {
    return await parquetIn(file, path);
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}

/** Does the same for ranges that are open; `path` names them in errors. */
export async function parquetIn(file: Ranges, path: string): Promise<ParquetFile> {
  const { metadata, schema, about, bytes } = await readFooter(file, path);
  return {
    path,
    columns: schema.children.map((column) => ({ name: column.element.name, kind: kindOf(column) })),
    rows: Number(metadata.num_rows),
    about,
    footer: bytes,
    groups: (columns, pathOnly = []) => groupsOf(file, path, withoutBytes(metadata, pathOnly), columns),
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}

function kindOf({ element, children }: SchemaTree): ParquetKind {
  const { type, converted_type: converted, logical_type: logical, repetition_type: repeated } = element;
  if (children.length > 0) {
    const names = children.map(({ element }) => element.name).sort().join();
    return names === "bytes,path" && children.every((child) => child.children.length === 0)
      ? "file"
      : "other";
  }
  if (repeated === "REPEATED") return "other";
  if (converted === "UTF8" || logical?.type === "STRING" || converted === "ENUM") return "text";
  if (["DATE", "TIMESTAMP"].includes(logical?.type ?? "") || /^(DATE|TIMESTAMP)/.test(converted ?? "")) {
    return "time";
  }
  if (type === "BYTE_ARRAY" && !converted && !logical) return "bytes";
  if (type === "BOOLEAN") return "boolean";
  return ["INT32", "INT64", "FLOAT", "DOUBLE"].includes(type ?? "") ? "number" : "other";
}

/** Returns the description of a file whose structures of these names have only a path. */
function withoutBytes(metadata: FileMetaData, names: readonly string[]): FileMetaData {
  if (names.length === 0) return metadata;
  let within: string | undefined, left = 0;
  const schema = metadata.schema.flatMap((element, i) => {
    if (i > 0 && left === 0) {
      [within, left] = [element.name, element.num_children ?? 0];
      return names.includes(element.name) ? [{ ...element, num_children: 1 }] : [element];
    }
    if (i === 0) return [element];
    left += (element.num_children ?? 0) - 1;
    return names.includes(within!) && element.name === "bytes" ? [] : [element];
  });
  const isLeft = (path: readonly string[] = []) =>
    !(path.length === 2 && names.includes(path[0]) && path[1] === "bytes");
  const row_groups = metadata.row_groups.map((group) => ({
    ...group,
    columns: group.columns.filter(({ meta_data }) => isLeft(meta_data?.path_in_schema)),
  }));
  return { ...metadata, schema, row_groups };
}

async function* groupsOf(
  file: Ranges,
  path: string,
  metadata: FileMetaData,
  columns: readonly string[],
): AsyncGenerator<ParquetRow[]> {
  const { parquetReadObjects } = await import("hyparquet");
  let first = 1;
  for (const group of metadata.row_groups) {
    const count = Number(group.num_rows);
    if (count === 0) continue;
    try {
      await requireGroup(file, path, metadata, group, columns);
      const rows = await parquetReadObjects({
        file: {
          byteLength: file.size,
          slice: async (start, end = file.size) => (await file.read(start, end - start)).buffer,
        },
        metadata: { ...metadata, num_rows: group.num_rows, row_groups: [group] },
        columns: [...columns],
        compressors,
        utf8: false,
      });
      if (rows.length !== count) throw new Error(`${rows.length} rows instead of ${count}`);
      yield rows;
    } catch (cause) {
      if (cause instanceof Error && cause.name === "UndertoneError") throw cause;
      const reason = cause instanceof Error ? cause.message.replace(/^parquet /, "").slice(0, 200) : cause;
      throw unreadable(path, `damage in the rows ${first} to ${first + count - 1} (${reason})`, cause);
    }
    first += count;
  }
}

/** Checks the pages of the columns before they are decoded. Throws UndertoneError. */
async function requireGroup(
  file: Ranges,
  path: string,
  metadata: FileMetaData,
  group: RowGroup,
  columns: readonly string[],
): Promise<void> {
  const { snappyUncompress } = await import("hyparquet");
  for (const { meta_data: chunk } of group.columns) {
    if (!chunk || !columns.includes(chunk.path_in_schema[0])) continue;
    const { start, end } = extentOf(chunk);
    requirePages(await file.read(start, end - start), {
      chunk,
      rows: Number(group.num_rows),
      levels: levelsOf(metadata.schema, chunk.path_in_schema),
      at: path,
      snappy: snappyUncompress,
    });
  }
}

/** Returns how many of a column and the structures around it may be empty. */
function levelsOf(schema: FileMetaData["schema"], path: readonly string[]): number {
  const at = schema.findIndex(({ name }, i) => i > 0 && name === path[0]);
  const within = path.length > 1 ? schema.slice(at + 1).find(({ name }) => name === path[1]) : undefined;
  return [schema[at], within].filter((element) => element && element.repetition_type !== "REQUIRED").length;
}

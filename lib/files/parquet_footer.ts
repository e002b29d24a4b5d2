/**
 * Reads the footer of a parquet file, which tells where its columns lie. What it claims is checked before
 * anything is read by it: https://parquet.apache.org/docs/file-format/
 */
import type { ColumnMetaData, FileMetaData, SchemaTree } from "hyparquet";
import { badInput } from "../errors.ts";
import { requireNoPointer } from "./lfs.ts";
import type { Ranges } from "./ranges.ts";
import { readThrift, ThriftFault } from "./thrift.ts";

/** The first and the last four bytes of a parquet file. */
const MAGIC = "PAR1", ENCRYPTED = "PARE";

/** Most bytes of a footer, of the stored part of a column in one row group, and most rows of a group. */
const LARGEST_FOOTER = 64 * 2 ** 20, MOST_ROWS = 10_000_000;
export const LARGEST_CHUNK = 2 ** 31 - 1;

/** A parquet file's own description. */
export interface ParquetFooter {
  metadata: FileMetaData;
  schema: SchemaTree;
  /** Texts that its writer added, by key. */
  about: ReadonlyMap<string, string>;
  /** The bytes of the footer, from which a fingerprint can be made. */
  bytes: Uint8Array;
}

/** Returns the error for a damaged file; by default it is to be fetched again. */
export const unreadable = (
  at: string,
  found: string,
  cause?: unknown,
  todo = "Fetch or write the file again.",
) => badInput({ expected: "a parquet file", found, at, todo }, cause);

/** Returns whether a file begins as parquet files do. A file that can't be opened does not. */
export async function isParquet(path: string): Promise<boolean> {
  try {
    using file = await Deno.open(path);
    const bytes = new Uint8Array(4);
    return await file.read(bytes) === 4 && isMagic(bytes);
  } catch {
    return false;
  }
}

const isMagic = (bytes: Uint8Array): boolean => [MAGIC, ENCRYPTED].includes(String.fromCharCode(...bytes));

/** Reads and checks the footer; `at` names the file in errors. Throws UndertoneError. */
export async function readFooter(file: Ranges, at: string): Promise<ParquetFooter> {
  const start = await file.read(0, 200), end = await file.read(Math.max(0, file.size - 8), 8);
  requireNoPointer(start, at);
  if (file.size === 0) throw unreadable(at, "an empty file");
  if (!isMagic(start.subarray(0, 4))) throw unreadable(at, "a file of another kind");
  if (file.size < 12 || !isMagic(end.subarray(4))) throw unreadable(at, "one that is cut off");
  if (String.fromCharCode(...end.subarray(4)) === ENCRYPTED) {
    throw unreadable(at, "an encrypted one", undefined, "Decrypt it, and write it without encryption.");
  }
  const length = new DataView(end.buffer, end.byteOffset).getUint32(0, true);
  if (length > file.size - 12) throw unreadable(at, `a footer that claims ${length} bytes of ${file.size}`);
  if (length > LARGEST_FOOTER) {
    throw unreadable(
      at,
      `a footer of ${length} bytes`,
      undefined,
      "Write it with fewer row groups or columns.",
    );
  }
  const bytes = await file.read(file.size - 8 - length, length + 8);
  try {
    readThrift(bytes.subarray(0, length)); // no list in it claims more than its bytes hold
    const { parquetMetadata, parquetSchema } = await import("hyparquet");
    const metadata = parquetMetadata(bytes, { geoparquet: false });
    requireGroups(metadata, file.size, at);
    const texts = [metadata.key_value_metadata ?? []].flat(), schema = parquetSchema(metadata);
    if (schema.children.some(({ element }) => typeof element.name !== "string")) throw new Error("no names");
    return { metadata, schema, about: new Map(texts.map(({ key, value }) => [key, value ?? ""])), bytes };
  } catch (cause) {
    if (cause instanceof Error && cause.name === "UndertoneError") throw cause;
    throw unreadable(
      at,
      `a damaged footer (${cause instanceof ThriftFault ? cause.message : "no description"})`,
      cause,
    );
  }
}

/** Throws UndertoneError if row groups or their columns claim what the file can't hold. */
function requireGroups({ num_rows, row_groups }: FileMetaData, size: number, at: string): void {
  const rows = row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  const odd = row_groups.some(({ num_rows }) => !(Number(num_rows) >= 0 && Number(num_rows) <= MOST_ROWS));
  if (odd || rows !== Number(num_rows)) {
    throw unreadable(
      at,
      `${num_rows} rows in groups of ${row_groups.map(({ num_rows }) => num_rows).slice(0, 5)}`,
    );
  }
  for (const group of row_groups) {
    for (const { meta_data: chunk } of group.columns) if (chunk) requireChunk(chunk, size, at);
  }
}

function requireChunk(chunk: ColumnMetaData, size: number, at: string): void {
  const { start, end } = extentOf(chunk), name = chunk.path_in_schema.join(".").slice(0, 100);
  if (!(start >= 4 && end >= start && end <= size)) {
    throw unreadable(at, `column '${name}' in the bytes ${start} to ${end} of ${size}`);
  }
  const whole = Number(chunk.total_uncompressed_size);
  if (end - start <= LARGEST_CHUNK && whole <= LARGEST_CHUNK) return;
  const found = `${
    (Math.max(whole, end - start) / 2 ** 30).toFixed(1)
  } GiB of column '${name}' in one row group`;
  const todo = "Write it with smaller row groups: `dataset.to_parquet(path, batch_size=100)` in datasets.";
  throw unreadable(at, found, undefined, todo);
}

/** Returns the bytes of the file in which a column of a row group lies. */
export function extentOf(chunk: ColumnMetaData): { start: number; end: number } {
  const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
  return { start, end: start + Number(chunk.total_compressed_size) };
}

/**
 * Checks the pages of a parquet column before they are decoded: a decoder believes how many values a page
 * claims, how large it becomes, and how often a value repeats.
 * https://parquet.apache.org/docs/file-format/data-pages/encodings/
 */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import type { ColumnMetaData, Compressors } from "hyparquet";
import type { UndertoneError } from "../errors.ts";
import { LARGEST_CHUNK, unreadable } from "./parquet_footer.ts";
import { readThrift, ThriftFault, type ThriftStruct } from "./thrift.ts";

/** Decoders of pages, which stop at the length that a page claims. hyparquet has its own of snappy. */
export const compressors: Compressors = {
  GZIP: (input, length) => gunzipSync(input, { maxOutputLength: Math.max(1, length) }),
  ZSTD: (input, length) => zstdDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
  BROTLI: (input, length) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
};

/** Most times that compressed bytes can become more, by codec. Zstandard and brotli have no such bound. */
const GROWTH: Readonly<Record<string, number>> = {
  UNCOMPRESSED: 1,
  SNAPPY: 64,
  GZIP: 1100,
  ZSTD: 2 ** 16,
  BROTLI: 2 ** 16,
};

/** Numbers of the fields in a page's header. */
const PAGE = { uncompressed: 2, compressed: 3, data: 5, dictionary: 7, data2: 8 };
/** Numbers of the fields in its description: of both versions, and of the second. */
const VALUES = 1, ENCODING = 2, ENCODING_2 = 4, DEFINITIONS_2 = 5, REPETITIONS_2 = 6, IS_COMPRESSED_2 = 7;
/** Encodings that are read: plain, runs, and numbers by difference; values of a dictionary are runs, too. */
const PLAIN = 0, RUNS = 3, SPLIT = 9, BY_DIFFERENCE = [5, 6], BY_DICTIONARY = [2, 8];

/** What is known of a column in one row group. */
export interface ColumnPages {
  chunk: ColumnMetaData;
  /** Rows of the group; each has one value. */
  rows: number;
  /** How many of the column and the structures around it may be empty. */
  levels: number;
  /** The file, for errors. */
  at: string;
  snappy(input: Uint8Array, output: Uint8Array): void;
}

/**
 * Throws UndertoneError unless the pages of a column hold one value for each row, claim no more memory than
 * their bytes can become, and repeat no value more often than there are rows. `bytes` are those of the
 * column in a row group, without lists.
 */
export function requirePages(bytes: Uint8Array, column: ColumnPages): void {
  const { chunk, rows, at } = column, name = chunk.path_in_schema.join(".").slice(0, 100);
  const fail = (found: string, todo?: string): UndertoneError =>
    unreadable(at, `${found} in column '${name}'`, undefined, todo);
  const growth = GROWTH[chunk.codec];
  if (growth === undefined) {
    const todo = "Write it with another compression, such as snappy, zstd or gzip.";
    throw fail(`compression by ${chunk.codec}`, todo);
  }
  let values = 0, whole = 0;
  for (let start = 0; start < bytes.length && values < rows;) {
    const { struct, end } = readPageHeader(bytes, start, fail);
    const large = Number(struct.get(PAGE.uncompressed)), small = Number(struct.get(PAGE.compressed));
    const second = struct.get(PAGE.data2), data = struct.get(PAGE.data) ?? second;
    const about = data ?? struct.get(PAGE.dictionary),
      held = about instanceof Map ? about.get(VALUES) : undefined;
    if (!(small >= 0 && small <= bytes.length - end)) throw fail("a page that is cut off");
    whole += large;
    if (!(large >= 0 && large <= growth * small + 64 && whole <= LARGEST_CHUNK)) {
      throw fail(`a page of ${small} bytes that claims ${large}`);
    }
    if (
      typeof held !== "number" || held < 0 || (data && held > rows - values) || held > Math.max(rows, large)
    ) {
      throw fail(`a page that claims ${held} values for ${rows} rows`);
    }
    if (data) {
      requireRuns(bytes.subarray(end, end + small), about as ThriftStruct, {
        ...{ column, large, held, fail },
        isSecond: second !== undefined && struct.get(PAGE.data) === undefined,
      });
      values += held;
    }
    start = end + small;
  }
  if (values < rows) throw fail(`${values} values for ${rows} rows`);
}

function readPageHeader(bytes: Uint8Array, start: number, fail: (found: string) => Error) {
  try {
    return readThrift(bytes, start);
  } catch (error) {
    throw error instanceof ThriftFault ? fail(`the header of a page with ${error.message}`) : error;
  }
}

/** A page of data that is to be checked. */
interface DataPage {
  column: ColumnPages;
  /** Bytes when uncompressed. */
  large: number;
  /** Values that it claims, empty ones included. */
  held: number;
  /** Whether the page has the second version of the format. */
  isSecond: boolean;
  fail(found: string, todo?: string): UndertoneError;
}

/**
 * Throws UndertoneError if the runs of a page hold more values than it claims, or its encoding is not read.
 */
function requireRuns(
  packed: Uint8Array,
  about: ThriftStruct,
  { column, large, held, isSecond, fail }: DataPage,
): void {
  const { chunk, levels } = column, width = 32 - Math.clz32(levels);
  const encoding = Number(about.get(isSecond ? ENCODING_2 : ENCODING));
  if (![PLAIN, RUNS, SPLIT, ...BY_DIFFERENCE, ...BY_DICTIONARY].includes(encoding)) {
    throw fail(`values in the encoding ${encoding}`, "Write it with plain or dictionary encoding.");
  }
  const inRuns = (bytes: Uint8Array, bits: number) => {
    if (!runsHold(bytes, bits, held)) throw fail(`runs of other values than the ${held} of their page`);
  };
  let page: Uint8Array;
  if (isSecond) {
    const [defined, repeated] = [DEFINITIONS_2, REPETITIONS_2].map((field) => Number(about.get(field) ?? 0));
    const start = defined + repeated;
    if (!(defined >= 0 && repeated === 0 && start <= packed.length && start <= large)) {
      throw fail("a page that is cut off");
    }
    if (levels > 0) inRuns(packed.subarray(0, defined), width);
    const isPacked = about.get(IS_COMPRESSED_2) !== false && large > start;
    page = isPacked
      ? uncompressed(packed.subarray(start), large - start, column, fail)
      : packed.subarray(start);
  } else {
    page = uncompressed(packed, large, column, fail);
    if (levels > 0) {
      const length = lengthAt(page, fail);
      inRuns(page.subarray(4, 4 + length), width);
      page = page.subarray(4 + length);
    }
  }
  if (BY_DICTIONARY.includes(encoding)) {
    if (page.length > 0 && page[0] > 32) throw fail(`numbers of ${page[0]} bits`);
    if (page.length > 1 && page[0] > 0) inRunsOrNone(page.subarray(1), page[0]);
  } else if (encoding === RUNS && chunk.type === "BOOLEAN") {
    const start = isSecond && page.length < 4 ? 0 : 4;
    if (!isSecond) lengthAt(page, fail);
    inRunsOrNone(page.subarray(start), 1);
  }

  /** The values that are not empty, of which there may be fewer than the page has rows. */
  function inRunsOrNone(bytes: Uint8Array, bits: number): void {
    if (!runsHold(bytes, bits, held, true)) throw fail(`runs of more values than the ${held} of their page`);
  }
}

/** Returns the length of the part that begins at byte 4, from the four bytes before it. */
function lengthAt(page: Uint8Array, fail: (found: string) => Error): number {
  const length = page.length >= 4 ? new DataView(page.buffer, page.byteOffset).getUint32(0, true) : Infinity;
  if (length > page.length - 4) throw fail("a page that is cut off");
  return length;
}

/** Returns the bytes of a page. Throws UndertoneError. */
function uncompressed(
  packed: Uint8Array,
  length: number,
  { chunk, snappy }: ColumnPages,
  fail: (found: string) => Error,
): Uint8Array {
  if (chunk.codec === "UNCOMPRESSED") return packed;
  try {
    if (chunk.codec !== "SNAPPY") return compressors[chunk.codec]!(packed, length);
    const bytes = new Uint8Array(length);
    snappy(packed, bytes);
    return bytes;
  } catch {
    throw fail(`a page that ${chunk.codec.toLowerCase()} can't uncompress`);
  }
}

/**
 * Returns whether runs of numbers of some bits hold this many: exactly, up to the last group of eight. With
 * `orFewer`, there may be fewer, and the runs may be cut off, which the decoder notices.
 */
function runsHold(bytes: Uint8Array, bits: number, wanted: number, orFewer = false): boolean {
  let at = 0, seen = 0;
  while (at < bytes.length && seen < wanted) {
    let head = 0;
    for (let scale = 1, more = true; more; scale *= 128) {
      if (at >= bytes.length || scale > 2 ** 35) return orFewer && at >= bytes.length;
      more = bytes[at] >= 128;
      head += (bytes[at++] & 127) * scale;
    }
    const isPacked = head % 2 === 1, count = Math.floor(head / 2) * (isPacked ? 8 : 1);
    if (count > wanted - seen + (isPacked ? 7 : 0)) return isPacked && orFewer && fits(count);
    at += isPacked ? count / 8 * bits : Math.ceil(bits / 8);
    seen += count;
  }
  return seen >= wanted || orFewer;

  /** Some writers fill the last groups of packed numbers up to a fixed count; these have bytes for each. */
  function fits(count: number): boolean {
    return count / 8 * bits <= bytes.length - at;
  }
}

/**
 * Reads zip archives by ranges, as PyTorch (stored entries) and numpy (stored or deflated ones) write them.
 * Nothing is unpacked to disk, so a name in an archive can't name a place.
 */
import { constants, crc32, inflateRawSync } from "node:zlib";
import type { Ranges } from "./ranges.ts";

/** A fault in an archive. Its message is the `found` of an error. */
export class ZipFault extends Error {}

/** An entry of the directory at the archive's end. */
export interface ZipEntry {
  name: string;
  /** Bytes of its content. */
  size: number;
  /** Bytes in the archive: fewer than `size` if it is deflated. */
  packed: number;
  isDeflated: boolean;
  crc: number;
  /** Where its own header starts. */
  start: number;
  /** Whether it is a symbolic link of Unix. Its content is then the path that it points to. */
  isLink: boolean;
}

/** The compression method of deflated entries. */
const DEFLATED = 8;
const [LOCAL, CENTRAL, END, END64, LOCATOR64] = [0x04034b50, 0x02014b50, 0x06054b50, 0x06064b50, 0x07064b50];
/** Lengths of headers without their variable parts. */
const [LOCAL_SIZE, CENTRAL_SIZE, END_SIZE, END64_SIZE, LOCATOR64_SIZE] = [30, 46, 22, 56, 20];
/** The bits of a Unix mode that tell the type of a file, and the type of a symbolic link. */
const [TYPE, LINK] = [0o170000, 0o120000];
/** Longest comment at the end of an archive. */
const COMMENT = 0xffff;
/** Many times the directory of the largest model. */
const LONGEST_DIRECTORY = 100_000_000;
/** Most bytes that one deflated byte can become. */
const MOST_INFLATED = 1032;

const fail = (found: string): never => {
  throw new ZipFault(found);
};

/**
 * Returns the archive's entries by name. Throws ZipFault if it is damaged, if a name occurs twice, or if an
 * entry is encrypted or compressed, except deflated if `deflated`.
 */
export async function zipEntries(file: Ranges, { deflated = false } = {}): Promise<Map<string, ZipEntry>> {
  const { count, start, size } = await endOf(file);
  if (size > LONGEST_DIRECTORY || start + size > file.size) fail(`a zip directory of ${size} bytes`);
  const bytes = await file.read(start, size), view = viewOf(bytes);
  const entries = new Map<string, ZipEntry>();
  let at = 0, total = 0;
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_SIZE > bytes.length || view.getUint32(at, true) !== CENTRAL) fail("a damaged directory");
    const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
    const [nameLength, extraLength, comment] = [28, 30, 32].map((offset) =>
      view.getUint16(at + offset, true)
    );
    const next = at + CENTRAL_SIZE + nameLength + extraLength + comment;
    if (next > bytes.length) fail("a damaged directory");
    const name = textOf(bytes.subarray(at + CENTRAL_SIZE, at + CENTRAL_SIZE + nameLength));
    if (flags & 1) fail(`the encrypted entry ${quoted(name)}`);
    const isDeflated = method === DEFLATED;
    if (method !== 0 && !(isDeflated && deflated)) fail(`the compressed entry ${quoted(name)}`);
    if (entries.has(name)) fail(`the entry ${quoted(name)} twice`);
    const extraAt = at + CENTRAL_SIZE + nameLength;
    const [size, packed, start] = wide(view, extraAt, extraAt + extraLength, [
      view.getUint32(at + 24, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 42, true),
    ]);
    if (isDeflated ? size > packed * MOST_INFLATED : size !== packed) fail(`the cut entry ${quoted(name)}`);
    if (start + LOCAL_SIZE + packed > file.size) fail(`the cut entry ${quoted(name)}`);
    const [crc, mode] = [view.getUint32(at + 16, true), view.getUint32(at + 38, true) >>> 16];
    entries.set(name, { name, size, packed, isDeflated, crc, start, isLink: (mode & TYPE) === LINK });
    total += packed;
    at = next;
  }
  if (total > file.size) fail("entries that overlap");
  return entries;
}

/** Returns the content of an entry. Throws ZipFault if its checksum is wrong. */
export async function readEntry(file: Ranges, entry: ZipEntry): Promise<Uint8Array<ArrayBuffer>> {
  const { name, size, packed, crc, isDeflated } = entry,
    held = await file.read(await contentAt(file, entry), packed);
  if (held.length < packed) fail(`the cut entry ${quoted(name)}`);
  const bytes = isDeflated ? inflated(held, entry, { maxOutputLength: Math.max(1, size) }) : held;
  if (bytes.length !== size) fail(`the cut entry ${quoted(name)}`);
  if (crc32(bytes) !== crc) fail(`the entry ${quoted(name)} with another checksum than its directory's`);
  return bytes;
}

/** Returns about the first `length` bytes of an entry, unchecked. Throws ZipFault. */
export async function startOfEntry(file: Ranges, entry: ZipEntry, length: number): Promise<Uint8Array> {
  const held = await file.read(await contentAt(file, entry), Math.min(entry.packed, length));
  return entry.isDeflated ? inflated(held, entry, { finishFlush: constants.Z_SYNC_FLUSH }) : held;
}

/** Returns where the content of an entry starts, after a header of its own. */
async function contentAt(file: Ranges, { name, start }: ZipEntry): Promise<number> {
  const head = await file.read(start, LOCAL_SIZE), view = viewOf(head);
  if (head.length < LOCAL_SIZE || view.getUint32(0, true) !== LOCAL) fail(`no entry ${quoted(name)}`);
  return start + LOCAL_SIZE + view.getUint16(26, true) + view.getUint16(28, true);
}

function inflated(
  bytes: Uint8Array,
  { name }: ZipEntry,
  options: { maxOutputLength?: number; finishFlush?: number },
): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(inflateRawSync(bytes, options));
  } catch {
    return fail(`the damaged entry ${quoted(name)}`);
  }
}

/** Returns where the directory is, by the last record of the archive. */
async function endOf(file: Ranges): Promise<{ count: number; start: number; size: number }> {
  const tail = await file.read(
    Math.max(0, file.size - END_SIZE - COMMENT - LOCATOR64_SIZE),
    END_SIZE + COMMENT + LOCATOR64_SIZE,
  );
  const view = viewOf(tail);
  let at = tail.length - END_SIZE;
  const isEnd = (at: number) =>
    view.getUint32(at, true) === END && at + END_SIZE + view.getUint16(at + 20, true) === tail.length;
  while (at >= 0 && !isEnd(at)) at--;
  if (at < 0) fail("a zip archive without its end: it is cut or damaged");
  const located = at - LOCATOR64_SIZE;
  if (located >= 0 && view.getUint32(located, true) === LOCATOR64) {
    const record = await file.read(whole(view, located + 8), END64_SIZE), wideView = viewOf(record);
    if (record.length < END64_SIZE || wideView.getUint32(0, true) !== END64) fail("a damaged directory");
    const [count, size, start] = [32, 40, 48].map((offset) => whole(wideView, offset));
    return { count, size, start };
  }
  return {
    count: view.getUint16(at + 10, true),
    size: view.getUint32(at + 12, true),
    start: view.getUint32(at + 16, true),
  };
}

/** Replaces numbers that do not fit in 32 bits by those of the extra field for large archives. */
function wide(view: DataView, from: number, to: number, numbers: number[]): number[] {
  if (!numbers.includes(0xffffffff)) return numbers;
  for (let at = from; at + 4 <= to; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    const end = Math.min(to, at + 4 + view.getUint16(at + 2, true));
    let next = at + 4;
    return numbers.map((number) => {
      if (number !== 0xffffffff) return number;
      if (next + 8 > end) return fail("a damaged directory");
      next += 8;
      return whole(view, next - 8);
    });
  }
  return numbers;
}

function whole(view: DataView, at: number): number {
  const value = Number(view.getBigUint64(at, true));
  return Number.isSafeInteger(value) ? value : fail("a damaged directory");
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const textOf = (bytes: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

const quoted = (name: string): string => JSON.stringify(name.slice(0, 60));

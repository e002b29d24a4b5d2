/** Writes zip archives of stored entries, so that tests can make good and bad ones. */
import { crc32 } from "node:zlib";

/**
 * Returns an archive of these entries. `method` is 8 for entries that claim to be compressed; `large` writes
 * sizes and offsets as in an archive of over 4 GB.
 */
export function zipOf(
  entries: readonly [name: string, content: Uint8Array][],
  { method = 0, large = false } = {},
): Uint8Array {
  const parts: Uint8Array[] = [], directory: Uint8Array[] = [];
  let at = 0;
  for (const [name, content] of entries) {
    const text = new TextEncoder().encode(name), head = new DataView(new ArrayBuffer(30));
    head.setUint32(0, 0x04034b50, true);
    head.setUint16(26, text.length, true);
    parts.push(new Uint8Array(head.buffer), text, content);
    const record = new DataView(new ArrayBuffer(46));
    record.setUint32(0, 0x02014b50, true);
    record.setUint16(10, method, true);
    record.setUint32(16, crc32(content), true);
    record.setUint32(20, large ? WIDE : content.length, true);
    record.setUint32(24, large ? WIDE : content.length, true);
    record.setUint16(28, text.length, true);
    record.setUint16(30, large ? 28 : 0, true);
    record.setUint32(42, large ? WIDE : at, true);
    directory.push(new Uint8Array(record.buffer), text);
    if (large) directory.push(Uint8Array.of(1, 0, 24, 0), wide(content.length, content.length, at));
    at += 30 + text.length + content.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0), end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, large ? 0xffff : entries.length, true);
  end.setUint16(10, large ? 0xffff : entries.length, true);
  end.setUint32(12, large ? WIDE : size, true);
  end.setUint32(16, large ? WIDE : at, true);
  const far = large
    ? [
      ...[Uint8Array.of(0x50, 0x4b, 6, 6), wide(44), new Uint8Array(12)],
      wide(entries.length, entries.length, size, at),
      ...[Uint8Array.of(0x50, 0x4b, 6, 7, 0, 0, 0, 0), wide(at + size), Uint8Array.of(1, 0, 0, 0)],
    ]
    : [];
  return joined([...parts, ...directory, ...far, new Uint8Array(end.buffer)]);
}

/** What a field of 32 bits holds if the number is elsewhere. */
const WIDE = 0xffffffff;

/** Numbers of 64 bits. */
const wide = (...numbers: number[]) => new Uint8Array(BigUint64Array.from(numbers, BigInt).buffer);

/** Joins bytes. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Makes damaged files of any kind: seeded changes of the bytes of good ones. */
import { random, seedOf } from "../random.ts";

/** Sizes that often break a reader, as bytes. */
const ODD = [0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff];

/** Bytes at a file's beginning that hold its headers; half of all changes are there. */
const HEAD = 256;

/** Returns mutant number `index` of a file: 1 to 8 changes of single bytes, stretches, or the length. */
export function byteMutant(file: Uint8Array, seed: number, index: number): Uint8Array {
  const { integer } = random(seedOf(seed, index));
  let bytes: Uint8Array = file.slice();
  for (let n = 1 + integer(8); n > 0; n--) {
    const reach = integer(2) ? Math.min(HEAD, bytes.length) : bytes.length;
    const at = integer(Math.max(1, reach)), length = 1 + integer(integer(4) ? 8 : 2000);
    const before = bytes.subarray(0, at), after = bytes.subarray(at), rest = bytes.subarray(at + length);
    const kind = integer(8);
    if (kind === 0) bytes[at] = integer(256);
    else if (kind === 1) bytes[at] ^= 1 << integer(8);
    else if (kind === 2) bytes.fill(ODD[integer(ODD.length)], at, at + length);
    else if (kind === 3) {
      for (let i = at; i < Math.min(at + length, bytes.length); i++) bytes[i] = integer(256);
    } else if (kind === 4) bytes = joined(before, rest);
    else if (kind === 5) bytes = joined(before, after.subarray(0, length), after);
    else if (kind === 6 && integer(4) === 0) bytes = before.slice();
    else if (kind === 7) bytes.copyWithin(at, integer(Math.max(1, bytes.length)), at + length);
  }
  return bytes;
}

function joined(...parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

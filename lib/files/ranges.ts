/** Reads parts of a file, so that a large one is never in memory as a whole. */

/** A file, or bytes, of which ranges can be read. */
export interface Ranges extends Disposable {
  /** Bytes in total. */
  size: number;
  /** Returns `length` bytes from `start` on, fewer only at the end. Throws the errors of Deno. */
  read(start: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Opens a file. Throws the errors of Deno. */
export async function openRanges(path: string): Promise<Ranges> {
  const file = await Deno.open(path), { size } = await file.stat();
  return {
    size,
    async read(start, length) {
      await file.seek(start, Deno.SeekMode.Start);
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - start)));
      let have = 0;
      while (have < bytes.length) {
        const count = await file.read(bytes.subarray(have));
        if (count === null) break; // the file has shrunk
        have += count;
      }
      return bytes.subarray(0, have);
    },
    [Symbol.dispose]: () => file.close(),
  };
}

/** Returns the ranges of bytes in memory. */
export const rangesOf = (bytes: Uint8Array): Ranges => ({
  size: bytes.length,
  read: (start, length) => Promise.resolve(bytes.slice(start, start + length)),
  [Symbol.dispose]: () => {},
});

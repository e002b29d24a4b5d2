/** Hidden states that stay on disk, because all of them together are too large for memory. */
import { badInput } from "../errors.ts";
import type { Sequence } from "./encoder.ts";

/** Bytes that hidden states may still take in memory. */
export interface Room {
  left: number;
}

/** Bytes of hidden states that a data set keeps in memory unless asked otherwise. */
export const IN_MEMORY = 2 ** 29;

/**
 * Hidden states in a file, as little-endian float32 from `offset` on. Each use reads them anew; the operating
 * system keeps what is read often. Throws UndertoneError at use if the file is gone or was cut.
 */
export class StatesOnDisk implements Sequence {
  whole?: number;

  constructor(
    readonly path: string,
    readonly offset: number,
    readonly length: number,
    readonly width: number,
  ) {}

  get data(): Float32Array {
    const data = new Float32Array(this.length * this.width);
    this.copyTo(data);
    return data;
  }

  copyTo(target: Float32Array): void {
    const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
    try {
      using file = Deno.openSync(this.path);
      file.seekSync(this.offset, Deno.SeekMode.Start);
      for (let filled = 0; filled < bytes.length;) {
        const count = file.readSync(bytes.subarray(filled));
        if (count === null) throw new Error(`it ends after ${filled} of ${bytes.length} bytes`);
        filled += count;
      }
    } catch (cause) {
      throw badInput({
        expected: "the file of hidden states that was there at the start",
        found: cause instanceof Error ? cause.message : String(cause),
        at: this.path,
        todo: "Start the command again, and leave the cache alone meanwhile: what is gone is encoded anew.",
      }, cause);
    }
  }
}

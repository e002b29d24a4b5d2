/** Float buffers that graphs have written and nobody needs any more, kept for the next graph. */
export interface Pool {
  /** A buffer of this many numbers, with any content. */
  take(length: number): Float32Array;
  give(buffer: Float32Array): void;
  /** Bytes that lie idle. */
  idle(): number;
}

/** A pool that keeps at most `limit` bytes; what goes beyond is left to the garbage collector. */
export function bufferPool(limit: number): Pool {
  const free = new Map<number, Float32Array[]>();
  let idle = 0;
  return {
    take(length) {
      const buffer = free.get(length)?.pop();
      if (!buffer) return new Float32Array(length);
      idle -= buffer.byteLength;
      return buffer;
    },
    give(buffer) {
      if (idle + buffer.byteLength > limit) return;
      idle += buffer.byteLength;
      const list = free.get(buffer.length);
      if (list) list.push(buffer);
      else free.set(buffer.length, [buffer]);
    },
    idle: () => idle,
  };
}

/** A pool of float buffers that are no longer needed, kept for the next graph. */
export interface Pool {
  /** Returns a buffer of this length, with arbitrary content. */
  take(length: number): Float32Array;
  give(buffer: Float32Array): void;
  /** Bytes of idle buffers. */
  idle(): number;
}

/** Creates a pool that keeps at most `limit` bytes; the garbage collector takes the rest. */
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

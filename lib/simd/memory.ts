/** Arrays for SIMD loops: views of one WebAssembly memory, which the engine reads and writes too. */

const memories = new WeakMap<ArrayBufferLike, WebAssembly.Memory>();

const PAGE = 2 ** 16;
/** Alignment of arrays in bytes: one cache line. */
const ALIGN = 64;
/** Largest size of one memory. */
const MOST_BYTES = 2 ** 32 - PAGE;

/**
 * Returns zeroed arrays of these lengths. The arrays of a group share a memory, and so do as many groups as
 * fit. A memory is freed once none of its arrays is in use.
 */
export function simdArrays(groups: readonly (readonly number[])[]): Float32Array<ArrayBuffer>[][] {
  const arrays: Float32Array<ArrayBuffer>[][] = [];
  for (let from = 0; from < groups.length;) {
    let to = from, bytes = 0;
    while (to < groups.length && (to === from || bytes + bytesFor(groups[to]) <= MOST_BYTES)) {
      bytes += bytesFor(groups[to++]);
    }
    arrays.push(...inOneMemory(groups.slice(from, to), bytes));
    from = to;
  }
  return arrays;
}

function inOneMemory(groups: readonly (readonly number[])[], bytes: number): Float32Array<ArrayBuffer>[][] {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
  const buffer = memory.buffer as ArrayBuffer;
  memories.set(buffer, memory);
  let offset = 0;
  return groups.map((lengths) =>
    lengths.map((length) => {
      const array = new Float32Array(buffer, offset, length);
      offset += bytesFor([length]);
      return array;
    })
  );
}

const bytesFor = (lengths: readonly number[]): number =>
  lengths.reduce((sum, length) => sum + Math.ceil(4 * length / ALIGN) * ALIGN, 0);

/**
 * Returns the memory that holds all of these arrays; undefined if there is no such memory, so that loops
 * cannot run on them.
 */
export function simdMemory(...arrays: readonly ArrayBufferView[]): WebAssembly.Memory | undefined {
  const [{ buffer }] = arrays;
  return arrays.every((array) => array.buffer === buffer) ? memories.get(buffer) : undefined;
}

/** Caches one value per memory, created on first use. */
export function onceForEachMemory<T>(
  make: (memory: WebAssembly.Memory) => T,
): (memory: WebAssembly.Memory) => T {
  const made = new WeakMap<WebAssembly.Memory, T>();
  return (memory) => {
    if (!made.has(memory)) made.set(memory, make(memory));
    return made.get(memory)!;
  };
}

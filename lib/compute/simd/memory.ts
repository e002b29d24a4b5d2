/** Arrays that SIMD loops run over where they lie: views of one WebAssembly memory, which the engine reads and writes, too. */

const memories = new WeakMap<ArrayBufferLike, WebAssembly.Memory>();

const PAGE = 2 ** 16;
/** Arrays start at multiples of this, a cache line. */
const ALIGN = 64;
/** What one memory can address. */
const MOST_BYTES = 2 ** 32 - PAGE;

/**
 * Zeroed arrays of these lengths; those of a group share a memory, and so do as many groups as fit. A memory is freed when
 * none of its arrays is used any more.
 */
export function simdArrays(groups: readonly (readonly number[])[]): Float32Array<ArrayBuffer>[][] {
  const arrays: Float32Array<ArrayBuffer>[][] = [];
  for (let from = 0; from < groups.length;) {
    let to = from, bytes = 0;
    while (to < groups.length && (to === from || bytes + batchSizeFor(groups[to]) <= MOST_BYTES)) {
      bytes += batchSizeFor(groups[to++]);
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
      offset += batchSizeFor([length]);
      return array;
    })
  );
}

const batchSizeFor = (lengths: readonly number[]): number =>
  lengths.reduce((sum, length) => sum + Math.ceil(4 * length / ALIGN) * ALIGN, 0);

/** The memory that all of these lie in; none where they lie elsewhere or apart, and loops can't run over them. */
export function simdMemory(...arrays: readonly ArrayBufferView[]): WebAssembly.Memory | undefined {
  const [{ buffer }] = arrays;
  return arrays.every((array) => array.buffer === buffer) ? memories.get(buffer) : undefined;
}

/** One instance of something for each memory, made when first asked for. */
export function onceForEachMemory<T>(
  make: (memory: WebAssembly.Memory) => T,
): (memory: WebAssembly.Memory) => T {
  const made = new WeakMap<WebAssembly.Memory, T>();
  return (memory) => {
    if (!made.has(memory)) made.set(memory, make(memory));
    return made.get(memory)!;
  };
}

/** Arrays that SIMD loops run over where they lie: views of one WebAssembly memory, which the engine reads and writes, too. */

const memories = new WeakMap<ArrayBufferLike, WebAssembly.Memory>();

const PAGE = 2 ** 16;
/** Arrays start at multiples of this, a cache line. */
const ALIGN = 64;
/** What one memory can address. */
const MOST_BYTES = 2 ** 32 - PAGE;

/** Zeroed arrays of these lengths, in as few memories as hold them; freed when none of them is used any more. */
export function laneArrays(lengths: readonly number[]): Float32Array<ArrayBuffer>[] {
  const arrays: Float32Array<ArrayBuffer>[] = [];
  for (let from = 0; from < lengths.length;) {
    let to = from, bytes = 0;
    while (to < lengths.length && (to === from || bytes + roomFor(lengths[to]) <= MOST_BYTES)) {
      bytes += roomFor(lengths[to++]);
    }
    arrays.push(...inOneMemory(lengths.slice(from, to), bytes));
    from = to;
  }
  return arrays;
}

function inOneMemory(lengths: readonly number[], bytes: number): Float32Array<ArrayBuffer>[] {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
  const buffer = memory.buffer as ArrayBuffer;
  memories.set(buffer, memory);
  let offset = 0;
  return lengths.map((length) => {
    const array = new Float32Array(buffer, offset, length);
    offset += roomFor(length);
    return array;
  });
}

const roomFor = (length: number): number => Math.ceil(4 * length / ALIGN) * ALIGN;

/** The memory that all of these lie in; none where they lie elsewhere or apart, and loops can't run over them. */
export function laneMemory(...arrays: readonly ArrayBufferView[]): WebAssembly.Memory | undefined {
  const [{ buffer }] = arrays;
  return arrays.every((array) => array.buffer === buffer) ? memories.get(buffer) : undefined;
}

/** One instance of something for each memory, made when first asked for. */
export function perMemory<T>(make: (memory: WebAssembly.Memory) => T): (memory: WebAssembly.Memory) => T {
  const made = new WeakMap<WebAssembly.Memory, T>();
  return (memory) => {
    if (!made.has(memory)) made.set(memory, make(memory));
    return made.get(memory)!;
  };
}

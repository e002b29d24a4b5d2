/** Arrays for SIMD loops: views of one WebAssembly memory, which the engine reads and writes too. */
import { MOST_PAGES } from "./module.ts";

const memories = new WeakMap<ArrayBufferLike, WebAssembly.Memory>();

const PAGE = 2 ** 16;
/** Alignment of arrays in bytes: one cache line. */
const ALIGN = 64;
/** Largest size of one memory. */
const MOST_BYTES = PAGE * (MOST_PAGES - 1);

/**
 * Returns zeroed arrays of these lengths. The arrays of a group share a memory, and so do as many groups as
 * fit. A memory is freed once none of its arrays is in use. With `shared`, other threads may get the memory:
 * this needs the permission `ffi` for everything (`mayShare`).
 */
export function simdArrays(
  groups: readonly (readonly number[])[],
  { shared = false } = {},
): Float32Array<ArrayBuffer>[][] {
  const arrays: Float32Array<ArrayBuffer>[][] = [];
  for (let from = 0; from < groups.length;) {
    let to = from, bytes = 0;
    while (to < groups.length && (to === from || bytes + bytesFor(groups[to]) <= MOST_BYTES)) {
      bytes += bytesFor(groups[to++]);
    }
    arrays.push(...inOneMemory(groups.slice(from, to), bytes, shared));
    from = to;
  }
  return arrays;
}

function inOneMemory(
  groups: readonly (readonly number[])[],
  bytes: number,
  shared: boolean,
): Float32Array<ArrayBuffer>[][] {
  const initial = Math.ceil(bytes / PAGE), limits = shared && { shared, maximum: initial };
  const memory = new WebAssembly.Memory({ initial, ...limits }), { buffer: own } = memory;
  const buffer = own instanceof ArrayBuffer ? own : unshared(own);
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

/**
 * Whether `simdArrays` may share memory. An ordinary view of it takes a pointer, which Deno guards by `ffi`.
 */
export const mayShare = (): boolean => Deno.permissions.querySync({ name: "ffi" }).state === "granted";

/**
 * Returns shared memory as an ordinary buffer, because ONNX Runtime's binding and Deno's files refuse others.
 */
function unshared(buffer: SharedArrayBuffer): ArrayBuffer {
  if (buffer.byteLength === 0) return new ArrayBuffer(0);
  const pointer = Deno.UnsafePointer.of(new Uint8Array(buffer) as unknown as BufferSource);
  return Deno.UnsafePointerView.getArrayBuffer(pointer!, buffer.byteLength);
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

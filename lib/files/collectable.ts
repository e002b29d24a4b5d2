/**
 * Tensors of a file whose values the collector may take.
 *
 * The idea: large weights need not stay in memory once something else holds them, such as a session of ONNX
 * Runtime. Their values are held weakly; who asks for values that are gone gets them from the file again.
 */
import { badInput } from "../errors.ts";
import type { RawTensor } from "./safetensors.ts";

/** Where the bytes of a tensor lie: float32 in row-major order. */
export interface Place {
  path: string;
  offset: number;
}

/** What tells whether a file changed: its bytes, and when it was written. */
interface Stamp {
  size: number;
  changed: number;
}

/** Least bytes of a file with weights worth taking. */
const LEAST = 2 ** 24;

const places = new WeakMap<RawTensor, Place & Stamp>();

/**
 * Returns tensors of the safetensors file at `path`, with values that the collector may take if they are
 * float32 in the file, and the file has at least `least` bytes. Later on, asking for values that are gone
 * throws UndertoneError if the file changed.
 */
export function collectable(
  path: string,
  tensors: Record<string, RawTensor>,
  least = LEAST,
): Record<string, RawTensor> {
  const { size, changed } = stampOf(path);
  if (size < least) return tensors;
  const place = { path: Deno.realPathSync(path), size, changed };
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
      const { shape, data } = tensor;
      if (data.buffer.byteLength !== size) return [name, tensor];
      // A copy does not keep the rest in memory.
      if (!(data instanceof Float32Array)) return [name, { shape, data: data.slice() }];
      return [name, held(shape, data, { ...place, offset: data.byteOffset })];
    }),
  );
}

/** Returns where a tensor's values lie, if it is collectable. Throws UndertoneError if the file changed. */
export function placeOf(tensor: RawTensor): Place | undefined {
  const place = places.get(tensor);
  if (place) requireSame(place);
  return place;
}

function held(
  shape: number[],
  { buffer, byteOffset, length }: Float32Array,
  place: Place & Stamp,
): RawTensor {
  let weak = new WeakRef(buffer), offset = byteOffset;
  const tensor = {
    shape,
    get data() {
      let found = weak.deref();
      if (!found) {
        requireSame(place);
        weak = new WeakRef(found = readPart(place, 4 * length));
        offset = 0;
      }
      return new Float32Array(found, offset, length);
    },
  };
  places.set(tensor, place);
  return tensor;
}

function stampOf(path: string): Stamp {
  const { size, mtime } = Deno.statSync(path);
  return { size, changed: mtime?.getTime() ?? 0 };
}

function requireSame({ path, size, changed }: Place & Stamp): void {
  let now: Stamp | undefined;
  try {
    now = stampOf(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (now?.size === size && now.changed === changed) return;
  throw badInput({
    expected: "weights that stay as they were when they were first read",
    found: now ? "a file that changed since then" : "no file any more",
    at: path,
    todo: "Start again, and leave the file as it is meanwhile.",
  });
}

function readPart({ path, offset }: Place, length: number): ArrayBuffer {
  const bytes = new Uint8Array(length);
  using file = Deno.openSync(path);
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let read = 0; read < length;) {
    const more = file.readSync(bytes.subarray(read));
    if (!more) throw new Error(`${path} ends early`);
    read += more;
  }
  return bytes.buffer;
}

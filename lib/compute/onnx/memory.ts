/** Where the values of graphs live between one graph and the next. */
import { nameOf } from "./compile.ts";
import type { Pool } from "./pool.ts";
import type { MemoryUse, Runtime, Session } from "./runtime.ts";
import { type ElementType, type HostArray, type NativeTensor, sizeOf, type Value } from "./value.ts";

export interface Memory {
  kind: "host" | "device";
  /** A tensor of a value's type and shape with these numbers. */
  tensor(value: Value, data: HostArray): NativeTensor;
  /** Compiles a model with outputs where this memory has them. */
  compile(model: Uint8Array, wanted: readonly Value[], use: MemoryUse): Session;
  /** Runs a graph on the values of `feeds` and gives those of `wanted` theirs. */
  run(session: Session, feeds: readonly Value[], wanted: readonly Value[]): void;
  /** A value's numbers on the host; nothing where it has none. */
  read(value: Value): HostArray | undefined;
  /** Gives a value's storage back; for values that no tensor holds and no pending node reads. */
  free(value: Value): void;
}

/** Arrays, which the runtime reads and writes in place. */
export function hostMemory(runtime: Runtime, pool: Pool): Memory {
  const tensor = tensorOn(runtime);
  const bind = (values: readonly Value[]) => {
    const tensors: Record<string, NativeTensor> = {};
    for (const value of values) tensors[nameOf(value)] = tensor(value, value.data as HostArray);
    return tensors;
  };
  return {
    kind: "host",
    tensor,
    compile: (model, _, memory) => runtime.compile(model, { memory }),
    run(session, feeds, wanted) {
      for (const value of wanted) allocate(value, pool);
      session.run(bind(feeds), bind(wanted));
    },
    read: ({ data }) => data,
    free: (value) => recycle(value, pool),
  };
}

export const tensorOn = (runtime: Runtime) => ({ dtype, shape }: Value, data: HostArray): NativeTensor =>
  runtime.tensor(dtype, data, shape);

/** An array for a value that a graph will write, where whoever waits for it has not given one. */
export function allocate(value: Value, pool: Pool): HostArray {
  if (value.data) return value.data;
  const length = sizeOf(value.shape);
  value.pooled = value.dtype === "float32";
  return value.data = value.pooled ? pool.take(length) : arrayOf(value.dtype, length);
}

/** Gives a value's array back. */
export function recycle(value: Value, pool: Pool): void {
  if (value.pooled) pool.give(value.data as Float32Array);
  value.pooled = false;
  value.data = undefined;
}

export const arrayOf = (dtype: ElementType, length: number): HostArray =>
  dtype === "float32"
    ? new Float32Array(length)
    : dtype === "bool"
    ? new Uint8Array(length)
    : new Int32Array(length);

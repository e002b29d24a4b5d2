/** The memory in which a graph's values live between graphs. */
import { nameOf } from "./compile.ts";
import type { Pool } from "./pool.ts";
import type { MemoryUse, Runtime, Session } from "./runtime.ts";
import {
  type Constant,
  type ElementType,
  type HostArray,
  type NativeTensor,
  sizeOf,
  type Value,
} from "./value.ts";

export interface Memory {
  kind: "host" | "device";
  /** Whether graphs write every output into an array of this memory: none is read from a run's result. */
  writesInPlace: boolean;
  /** Wraps these numbers as a tensor of a value's type and shape. */
  tensor(value: Value, data: HostArray): NativeTensor;
  /** Wraps a constant as a tensor; absent if graphs can't take constants as inputs. */
  constant?(constant: Constant): NativeTensor;
  /** Compiles a model whose outputs live in this memory. */
  compile(model: Uint8Array, wanted: readonly Value[], use: MemoryUse): Session;
  /** Runs a graph on the values of `feeds` and stores its results in the values of `wanted`. */
  run(session: Session, feeds: readonly Value[], wanted: readonly Value[]): void;
  /** Returns a value's numbers on the host; undefined if it has none. */
  read(value: Value): HostArray | undefined;
  /** Frees the storage of a value that no tensor holds and no pending node reads. */
  free(value: Value): void;
}

/** Memory on the host: arrays that the runtime reads and writes in place. */
export function hostMemory(runtime: Runtime, pool: Pool): Memory {
  const tensor = tensorOn(runtime);
  const bind = (values: readonly Value[]) => {
    const tensors: Record<string, NativeTensor> = {};
    for (const value of values) tensors[nameOf(value)] = tensor(value, value.data as HostArray);
    return tensors;
  };
  return {
    kind: "host",
    writesInPlace: runtime.onHost,
    tensor,
    ...runtime.onHost && { constant: constantOn(runtime) },
    compile: (model, _, memory) => runtime.compile(model, { memory, unreadable: runtime.onHost }),
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

const constantOn = (runtime: Runtime) => ({ dtype, length, values }: Constant): NativeTensor => {
  const data = dtype === "int64" ? BigInt64Array.from(values, BigInt) : arrayOf(dtype, values.length);
  if (dtype !== "int64") (data as Float32Array).set(values);
  return runtime.tensor(dtype, data as HostArray, length === undefined ? [] : [length]);
};

/** Returns an array for a value that a graph will write, unless the caller already provided one. */
export function allocate(value: Value, pool: Pool): HostArray {
  if (value.data) return value.data;
  const length = sizeOf(value.shape), pooled = value.dtype === "float32";
  value.data = pooled ? pool.take(length) : arrayOf(value.dtype, length); // throws if memory runs out
  value.pooled = pooled;
  return value.data;
}

/** Returns a value's array to the pool. */
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

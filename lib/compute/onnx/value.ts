/** The parts of a graph: values, and the nodes that compute them. */

/** Element types in graphs. Values that leave a graph are never float16 or int64. */
export type ElementType = "float32" | "float16" | "int32" | "bool" | "int64";

export type HostArray = Float32Array | Int32Array | Uint8Array;

/**
 * A tensor of the binding. The binding reads and writes `data` in place, or `gpuBuffer` if the tensor is on a
 * device.
 */
export interface NativeTensor {
  readonly data: HostArray;
  readonly gpuBuffer: unknown;
  readonly location: string;
  readonly type: string;
  readonly size: number;
  /** Frees memory on a device. */
  dispose(): void;
}

/**
 * The storage behind a tensor: numbers on the host or on a device, or the pending node that will compute
 * them. It is also the tensor's data id.
 */
export class Value {
  /** Number of tensors that hold it. A graph computes held values and whatever they need. */
  refs = 0;
  node?: Node;
  data?: HostArray;
  /** The numbers on the device. `data` has them too if they came from the host or were read. */
  resident?: NativeTensor;
  /** Whether someone waits to read it, so that its graph returns it on the host. */
  expected = false;
  /** Whether `data` belongs to the engine and nobody else has seen it, so that it may be reused. */
  pooled = false;
  /** Whether a pending node reads `data`, which must then stay unchanged until the graph has run. */
  pendingReads = false;
  /** Number in the graph that is being run; -1 outside of one. */
  slot = -1;

  constructor(readonly shape: readonly number[], readonly dtype: ElementType) {}
}

/** An input whose numbers are part of the graph. */
export interface Constant {
  dtype: "float32" | "int32" | "int64";
  /** Absent for a scalar. */
  length?: number;
  values: readonly number[];
}

export interface Attribute {
  name: string;
  kind: "int" | "float" | "ints" | "string";
  value: number | string | readonly number[];
}

export type Operand = Value | Constant;

export interface Node {
  op: string;
  inputs: readonly Operand[];
  outputs: readonly Value[];
  attributes: readonly Attribute[];
  /** Identifies a node except for its connections. */
  key: string;
  needed: boolean;
}

export const int = (name: string, value: number): Attribute => ({ name, kind: "int", value });
export const ints = (name: string, value: readonly number[]): Attribute => ({ name, kind: "ints", value });
export const float = (name: string, value: number): Attribute => ({ name, kind: "float", value });
export const string = (name: string, value: string): Attribute => ({ name, kind: "string", value });

export const scalar = (value: number, dtype: "float32" | "int32" | "int64" = "float32"): Constant => ({
  dtype,
  values: [value],
});
/** Returns a list of sizes, axes or positions in ONNX's form. */
export const int64s = (values: readonly number[]): Constant => ({
  dtype: "int64",
  length: values.length,
  values,
});

export const sizeOf = (shape: readonly number[]): number => {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
};

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

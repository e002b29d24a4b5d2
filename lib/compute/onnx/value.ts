/** What a graph is made of: values, and the nodes that will compute them. */

/** Element types in graphs; int64 never leaves one. */
export type ElementType = "float32" | "int32" | "bool" | "int64";

export type HostArray = Float32Array | Int32Array | Uint8Array;

/** A tensor as the binding takes it: it reads and writes `data` in place, or `gpuBuffer` where it lies on a device. */
export interface NativeTensor {
  readonly data: HostArray;
  readonly gpuBuffer: unknown;
  readonly location: string;
  readonly type: string;
  readonly size: number;
  /** Frees what lies on a device. */
  dispose(): void;
}

/**
 * The storage behind a tensor: numbers on the host or on a device, or the pending node that will make them. Serves as its
 * data id.
 */
export class Value {
  /** Tensors that hold it; a graph computes what is held and what that needs. */
  refs = 0;
  node?: Node;
  data?: HostArray;
  /** The numbers on the device; `data`, too, has them where they came from the host or were read. */
  resident?: NativeTensor;
  /** Someone waits to read it, so that its graph yields it on the host. */
  expected = false;
  /** `data` is the engine's own and no one outside has seen it, so that it may be used again. */
  pooled = false;
  /** A pending node reads `data`: it must stay as it is until the graph has run. */
  pendingReads = false;
  /** Number in the graph that is being run. */
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
  /** Tells nodes apart by all but their wiring. */
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
/** A list of sizes, axes or positions, as ONNX wants them. */
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

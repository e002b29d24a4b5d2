/** A store of arrays by key: a folder or a file of features that another tool computed. */
import { type TensorData, valuesAt, valuesIn, widthOf } from "../../files/mod.ts";

/** An array whose values are not read yet. */
export interface StoredArray {
  key: string;
  /** Type of its values, by its name in safetensors. */
  dtype: string;
  shape: readonly number[];
}

/** Reads values of a store that is open. */
export interface OpenStore extends Disposable {
  /** Returns the values of an array in row-major order. Throws an error with the reason if it is damaged. */
  values(key: string): Promise<Float32Array>;
}

/** A folder or a file with arrays. */
export interface Store {
  arrays: readonly StoredArray[];
  /** The files that hold them; the fingerprint is of their content. */
  files: readonly string[];
  open(): Promise<OpenStore>;
}

/** Most values of one row: 10 hours of states of width 1024 at 12.5 Hz would be more. */
export const MOST_VALUES = 2 ** 27;

/** Types of features: floats alone. */
export const FLOATS = ["F16", "BF16", "F32", "F64"];

/** Returns the number of values of a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, axis) => size * axis, 1);

/**
 * Returns the values in `bytes`, in row-major order. Throws an error if their number is not that of the shape
 * or one is beyond float32.
 */
export function floatsIn(
  bytes: Uint8Array,
  { dtype, shape, isFortran = false }: Omit<StoredArray, "key"> & { isFortran?: boolean },
): Float32Array {
  const size = sizeOf(shape);
  if (bytes.length !== size * widthOf(dtype)!) {
    throw new Error(`${bytes.length} bytes for ${size} values`);
  }
  const values: TensorData | number = valuesIn(dtype, bytes);
  if (typeof values === "number") throw new Error(`the value ${values}, which float32 can't hold`);
  const strides = shape.map((_, axis) => sizeOf(isFortran ? shape.slice(0, axis) : shape.slice(axis + 1)));
  return valuesAt(values, { offset: 0, shape: [...shape], strides, size }) as Float32Array;
}

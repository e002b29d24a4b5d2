/** Tensors as views of a storage: an offset, and for each axis a length and a stride. */
import type { TensorData } from "./tensor_values.ts";

/** A view of a storage. */
export interface Layout {
  offset: number;
  shape: number[];
  /** Values from one index of an axis to the next. */
  strides: number[];
  /** Number of values. */
  size: number;
}

/** PyTorch's limit of axes. */
const MOST_AXES = 64;

/** Returns the layout if it lies within a storage of `count` values, or else what is wrong with it. */
export function requireLayout(
  { offset, shape, strides }: { offset: unknown; shape: unknown; strides: unknown },
  count: number,
): Layout | string {
  if (!areCounts([offset]) || !areCounts(shape) || !areCounts(strides) || shape.length !== strides.length) {
    return "a tensor whose shape or strides are not numbers from 0";
  }
  if (shape.length > MOST_AXES) return `a tensor of ${shape.length} axes`;
  const first = offset as number, size = shape.reduce((product, length) => product * length, 1);
  const last = shape.reduce((at, length, axis) => at + (length - 1) * strides[axis], first);
  if (size > 0 && (size > count || last >= count)) {
    return `a tensor of ${size} values, to number ${last} of a storage of ${count}`;
  }
  return { offset: first, shape: [...shape], strides: [...strides], size };
}

const areCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);

/** Returns the values of a layout in row-major order: the storage itself if they are all of it in order. */
export function valuesAt(storage: TensorData, { offset, shape, strides, size }: Layout): TensorData {
  if (isInOrder(shape, strides)) {
    return size === storage.length ? storage : storage.slice(offset, offset + size);
  }
  const values = new (storage.constructor as new (size: number) => TensorData)(size);
  const index = new Array<number>(shape.length).fill(0);
  let at = offset;
  for (let i = 0; i < size; i++) {
    values[i] = storage[at];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= shape[axis] * strides[axis];
      index[axis] = 0;
    }
  }
  return values;
}

/** Whether the values of a view lie side by side in row-major order. */
function isInOrder(shape: readonly number[], strides: readonly number[]): boolean {
  let next = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== next) return false;
    next *= shape[axis];
  }
  return true;
}

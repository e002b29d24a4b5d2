import { type Node, sizeOf, Value } from "./value.ts";

/** Bytes per element in a graph. */
const BYTES = { float32: 4, float16: 2, int32: 4, int64: 8, bool: 1 };

/**
 * Returns the peak bytes of a graph's intermediate values. Each value counts from the node that computes it
 * to the last one that reads it; outputs (`wanted`) do not count.
 */
export function footprint(order: readonly Node[], wanted: readonly Value[]): number {
  const lastReader = new Map<Value, number>(), kept = new Set(wanted);
  order.forEach(({ inputs, outputs }, i) => {
    for (const value of [...inputs, ...outputs]) if (value instanceof Value) lastReader.set(value, i);
  });
  const freed: Value[][] = order.map(() => []);
  const made = new Set(order.flatMap(({ outputs }) => outputs));
  for (const [value, i] of lastReader) if (made.has(value) && !kept.has(value)) freed[i].push(value);
  let live = 0, most = 0;
  order.forEach(({ outputs }, i) => {
    for (const value of outputs) if (!kept.has(value)) live += bytesOf(value);
    most = Math.max(most, live);
    for (const value of freed[i]) live -= bytesOf(value);
  });
  return most;
}

/** Returns the bytes of a value's numbers. */
export const bytesOf = ({ shape, dtype }: Value): number => sizeOf(shape) * BYTES[dtype];

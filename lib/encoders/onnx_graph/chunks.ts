/** Work on many rows in a graph, in bounded memory. */
import type { Ops, Value } from "./builder.ts";

/**
 * Computes rows of results for the indices 0 to `count` - 1, in equal chunks of at most `most`: `body` maps
 * indices `[n]` to tensors `[n, …]`. Returns them joined, `[count, …]`.
 */
export function inChunks(
  { add, sub, div, slice, range, loop, op, tensor }: Ops,
  count: Value,
  most: number,
  body: (ops: Ops, indices: Value) => readonly Value[],
): Value[] {
  const last = sub(count, 1), chunks = add(div(last, most), 1), size = add(div(last, chunks), 1);
  const steps = range(size);
  // The last chunk repeats the last row until it is full.
  const results = loop(chunks, (ops, i) => body(ops, ops.min(ops.add(ops.mul(i, size), steps), last)));
  return results.map((result) => {
    // [chunks, size, …] -> [chunks · size, …]: the rest of the shape stays.
    const rest = op("Shape", [result], { type: "int64", attributes: { start: 2 } });
    const shape = op("Concat", [tensor("int64", [-1], [1]), rest], { attributes: { axis: 0 } });
    return slice(op("Reshape", [result, shape]), 0, count);
  });
}

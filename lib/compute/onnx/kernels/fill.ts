import * as tf from "@tensorflow/tfjs-core";
import type { Graph } from "../graph.ts";
import { ANY, define } from "../kernel.ts";
import { type ElementType, type HostArray, int64s, Value } from "../value.ts";
import { cast } from "./elementwise.ts";

const known = (data: HostArray, shape: readonly number[], dtype: ElementType): Value => {
  const value = new Value(shape, dtype);
  value.data = data;
  return value;
};

/**
 * Fills a shape with one number. The number is an input of the graph; for a constant, the compiler would
 * store every copy.
 */
export function filled(graph: Graph, shape: readonly number[], dtype: ElementType, fill: number): Value {
  const single = dtype === "float32"
    ? known(Float32Array.of(fill), [], dtype)
    : known(Int32Array.of(fill), [], "int32");
  return cast(graph, graph.add("Expand", [single, int64s(shape)], shape, single.dtype), dtype);
}

define(tf.Fill, ANY, (graph, _, { shape, value, dtype }) => filled(graph, shape, dtype ?? "float32", value));
define(tf.ZerosLike, ANY, (graph, { x }) => filled(graph, x.shape, x.value.dtype, 0));
define(tf.OnesLike, ANY, (graph, { x }) => filled(graph, x.shape, x.value.dtype, 1));
define(tf.Range, ANY, (_, __, { start, stop, step, dtype }) => {
  const length = Math.max(0, Math.ceil((stop - start) / step));
  const numbers = Array.from({ length }, (_, i) => start + i * step);
  return known(
    dtype === "int32" ? Int32Array.from(numbers) : Float32Array.from(numbers),
    [length],
    dtype ?? "float32",
  );
});

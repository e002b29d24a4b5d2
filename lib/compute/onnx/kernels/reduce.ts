import * as tf from "@tensorflow/tfjs-core";
import type { Graph } from "../graph.ts";
import { ANY, define, FLOAT, NUMBER, shaped } from "../kernel.ts";
import { int, int64s, sizeOf, type Value } from "../value.ts";
import { cast } from "./elementwise.ts";
import { columnSums } from "./products.ts";

interface Reduction {
  axes: number[];
  keepDims: boolean;
}

/** Returns the axes of a reduction, ascending, from whichever attribute names them. */
function reductionOf(shape: number[], attributes: Record<string, unknown>): Reduction {
  const axis = (attributes.reductionIndices ?? attributes.axis) as number | number[];
  return {
    axes: tf.util.parseAxisParam(axis, shape).sort((a, b) => a - b),
    keepDims: Boolean(attributes.keepDims),
  };
}

/** Reduces over axes. Without axes, returns the value itself. */
function reduce(graph: Graph, op: string, value: Value, { axes, keepDims }: Reduction): Value {
  if (!axes.length) return value;
  const shape = keepDims
    ? value.shape.map((length, i) => axes.includes(i) ? 1 : length)
    : value.shape.filter((_, i) => !axes.includes(i));
  return graph.add(op, [value, int64s(axes)], shape, value.dtype, [int("keepdims", Number(keepDims))]);
}

define(tf.Sum, NUMBER, (graph, { x }, attributes) => {
  const { axes, keepDims } = reductionOf(x.shape, attributes);
  const rest = x.shape.slice(axes.length), columns = sizeOf(rest);
  const leading = axes.length > 0 && axes.every((axis, i) => axis === i);
  if (x.dtype === "float32" && leading && columns > 1) {
    const value = columnSums(graph, x.value, [sizeOf(x.shape) / columns, columns]);
    return { value, shape: keepDims ? [...axes.map(() => 1), ...rest] : rest };
  }
  return reduce(graph, "ReduceSum", shaped(graph, x), { axes, keepDims });
});
for (const [name, op] of [["Max", "ReduceMax"], ["Min", "ReduceMin"], ["Prod", "ReduceProd"]]) {
  define(
    name,
    NUMBER,
    (graph, { x }, attributes) => reduce(graph, op, shaped(graph, x), reductionOf(x.shape, attributes)),
  );
}
define(
  tf.Mean,
  ANY,
  (graph, { x }, attributes) =>
    reduce(graph, "ReduceMean", cast(graph, shaped(graph, x), "float32"), reductionOf(x.shape, attributes)),
);
for (const [name, op] of [["All", "ReduceMin"], ["Any", "ReduceMax"]]) {
  define(name, ["bool"], (graph, { x }, attributes) => {
    const flags = cast(graph, shaped(graph, x), "int32");
    return cast(graph, reduce(graph, op, flags, reductionOf(x.shape, attributes)), "bool");
  });
}
for (const name of ["ArgMax", "ArgMin"]) {
  define(name, NUMBER, (graph, { x }, { axis }) => {
    const [along] = tf.util.parseAxisParam(axis, x.shape);
    const shape = x.shape.filter((_, i) => i !== along);
    const found = graph.add(name, [shaped(graph, x)], shape, "int64", [
      int("axis", along),
      int("keepdims", 0),
    ]);
    return cast(graph, found, "int32");
  });
}
define(
  tf.Softmax,
  FLOAT,
  (graph, { logits }, { dim }) =>
    graph.add("Softmax", [shaped(graph, logits)], logits.shape, "float32", [int("axis", dim)]),
);
define(
  tf.LogSoftmax,
  FLOAT,
  (graph, { logits }, { axis }) =>
    graph.add("LogSoftmax", [shaped(graph, logits)], logits.shape, "float32", [int("axis", axis)]),
);
define(
  tf.Cumsum,
  NUMBER,
  (graph, { x }, { axis, exclusive, reverse }) =>
    graph.add("CumSum", [shaped(graph, x), { dtype: "int64", values: [axis] }], x.shape, x.value.dtype, [
      int("exclusive", Number(Boolean(exclusive))),
      int("reverse", Number(Boolean(reverse))),
    ]),
);

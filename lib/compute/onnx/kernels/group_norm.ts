import type { Graph } from "../graph.ts";
import { define, FLOAT, type Input, reshape, shaped } from "../kernel.ts";
import { int, int64s, type Operand, scalar, type Value } from "../value.ts";

const node = (graph: Graph, op: string, inputs: readonly Operand[], shape: readonly number[]) =>
  graph.add(op, inputs, shape, "float32");

/** Returns the weight of each position in the mean of its row, `[B,L]`. */
function sharesOf(graph: Graph, mask: Input): Value {
  const given = shaped(graph, mask), each = [mask.shape[0], 1];
  const count = graph.add("ReduceSum", [given, int64s([1])], each, "float32", [int("keepdims", 1)]);
  return node(graph, "Div", [given, node(graph, "Max", [count, scalar(1)], each)], mask.shape);
}

/** Group norm: same formula as in ops/group_norm.ts. */
define("GroupNorm", FLOAT, (graph, { x, mask, gamma, beta }, { epsilon }) => {
  const [batch, channels, length] = x.shape, each = [batch, channels, 1];
  const input = shaped(graph, x), shares = reshape(graph, sharesOf(graph, mask), [batch, length, 1]);
  const mean = node(graph, "MatMul", [input, shares], each);
  const centred = node(graph, "Sub", [input, mean], x.shape);
  const square = node(graph, "Mul", [centred, centred], x.shape);
  const variance = node(graph, "Add", [
    node(graph, "MatMul", [square, shares], each),
    scalar(epsilon),
  ], each);
  const inverse = node(graph, "Reciprocal", [node(graph, "Sqrt", [variance], each)], each);
  const [scale, shift] = [gamma, beta].map(({ value }) => reshape(graph, value, [channels, 1]));
  const factor = node(graph, "Mul", [inverse, scale], each);
  const y = node(graph, "Add", [node(graph, "Mul", [centred, factor], x.shape), shift], x.shape);
  return [y, mean, inverse];
});

define("GroupNormGrad", FLOAT, (graph, { dy, x, mask, gamma, mean, inverse }) => {
  const [batch, channels, length] = x.shape, each = [batch, channels, 1];
  const [g, input, centre, scale] = [dy, x, mean, inverse].map((value) => shaped(graph, value));
  const binary = (op: string, a: Value, b: Value, shape: readonly number[] = x.shape) =>
    node(graph, op, [a, b], shape);
  const sum = (value: Value, axis: number, shape: readonly number[], keepdims: number) =>
    graph.add("ReduceSum", [value, int64s([axis])], shape, "float32", [int("keepdims", keepdims)]);
  const normed = binary("Mul", binary("Sub", input, centre), scale);
  const rows = [g, normed].map((value) => reshape(graph, value, [batch * channels, 1, length]));
  const dots = graph.add("FusedMatMul", rows, [batch * channels, 1, 1], "float32", [int("transB", 1)]);
  const along = reshape(graph, dots, each), total = sum(g, 2, each, 1);
  const shares = reshape(graph, sharesOf(graph, mask), [batch, 1, length]);
  const through = binary("Mul", binary("Add", binary("Mul", normed, along), total), shares);
  const factor = binary("Mul", scale, reshape(graph, gamma.value, [channels, 1]), each);
  const byX = binary("Mul", binary("Sub", g, through), factor);
  const overRows = (value: Value) => ({
    value: sum(value, 0, [channels, 1], 0),
    shape: [channels],
  });
  return [byX, overRows(along), overRows(total)];
});

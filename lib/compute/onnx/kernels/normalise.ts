import type { Graph } from "../graph.ts";
import { EXCLUDED } from "../../ops/masked.ts";
import { define, FLOAT, reshape, shaped } from "../kernel.ts";
import { float, int, int64s, scalar, sizeOf, type Value } from "../value.ts";
import { columnSums } from "./products.ts";

const binary = (graph: Graph, op: string, a: Value, b: Value, shape: readonly number[]) =>
  graph.add(op, [a, b], shape, "float32");

define("LayerNorm", FLOAT, (graph, { x, gamma, beta }, { epsilon }) => {
  const [width] = gamma.shape;
  const rows = [sizeOf(x.shape) / width, width], column = [rows[0], 1];
  const inputs = [reshape(graph, x.value, rows), shaped(graph, gamma), shaped(graph, beta)];
  const outputs = [rows, column, column].map((shape) => [shape, "float32"] as const);
  const values = graph.addMany("LayerNormalization", inputs, outputs, [
    int("axis", -1),
    float("epsilon", epsilon),
  ]);
  const each = [...x.shape.slice(0, -1), 1];
  return values.map((value, i) => ({ value, shape: i ? each : x.shape }));
});

/**
 * Gradients, as in ops/layer_norm.ts, over rows `[N,D]`: dx = (g - mean(g) - n mean(g n)) / deviation with g
 * = dy γ. Each mean over D is one matrix product: mean(g) = dy (γ / D), mean(g n) = (dy n) (γ / D).
 */
define("LayerNormGrad", FLOAT, (graph, { dy, x, gamma, mean, inverse }) => {
  const width = gamma.shape[0], count = sizeOf(x.shape) / width;
  const rows = [count, width], column = [count, 1];
  const [g, input] = [dy, x].map(({ value }) => reshape(graph, value, rows));
  const [centre, scale] = [mean, inverse].map(({ value }) => reshape(graph, value, column));
  const weights = shaped(graph, gamma);
  const share = graph.add(
    "Mul",
    [reshape(graph, gamma.value, [width, 1]), scalar(1 / width)],
    [width, 1],
    "float32",
  );

  const normed = binary(graph, "Mul", binary(graph, "Sub", input, centre, rows), scale, rows);
  const product = binary(graph, "Mul", g, normed, rows);
  const average = (value: Value) => binary(graph, "MatMul", value, share, column);
  const centred = binary(graph, "Sub", binary(graph, "Mul", g, weights, rows), average(g), rows);
  const along = binary(graph, "Mul", normed, average(product), rows);
  const byX = binary(graph, "Mul", binary(graph, "Sub", centred, along, rows), scale, rows);
  const total = (value: Value) => ({ value: columnSums(graph, value, rows), shape: [width] });
  return [{ value: byX, shape: x.shape }, total(product), total(g)];
});

define("MaskedSoftmax", FLOAT, (graph, { scores, mask }) => {
  const given = shaped(graph, mask);
  const missing = graph.add("Sub", [given, scalar(1)], mask.shape, "float32");
  const excluded = graph.add("Mul", [missing, scalar(EXCLUDED)], mask.shape, "float32");
  const open = binary(graph, "Add", shaped(graph, scores), excluded, scores.shape);
  const shares = graph.add("Softmax", [open], scores.shape, "float32", [int("axis", -1)]);
  return binary(graph, "Mul", shares, given, scores.shape);
});

define("SoftmaxGrad", FLOAT, (graph, { dy, y }) => {
  const [g, shares] = [dy, y].map((input) => shaped(graph, input));
  const each = [...y.shape.slice(0, -1), 1];
  const weighted = binary(graph, "Mul", g, shares, y.shape);
  const axes = int64s([y.shape.length - 1]);
  const total = graph.add("ReduceSum", [weighted, axes], each, "float32", [int("keepdims", 1)]);
  return binary(graph, "Sub", weighted, binary(graph, "Mul", shares, total, y.shape), y.shape);
});

import * as tf from "@tensorflow/tfjs-core";
import type { Graph } from "../graph.ts";
import { define, FLOAT, type Input, reshape, type Result, shaped } from "../kernel.ts";
import { int, sizeOf, string, type Value } from "../value.ts";

/**
 * Matrix products with their transposes inside the operator: one Gemm where the second factor is a single matrix (rows
 * of all batches together), a batched product otherwise.
 */
define(tf.BatchMatMul, FLOAT, (graph, { a, b }, { transposeA, transposeB }) => {
  const batchA = a.shape.slice(0, -2), batchB = b.shape.slice(0, -2);
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
  const rows = a.shape.at(transposeA ? -1 : -2)!, columns = b.shape.at(transposeB ? -2 : -1)!;
  const shape = [...batch, rows, columns];
  const flags = [int("transA", Number(transposeA)), int("transB", Number(transposeB))];
  if (sizeOf(batchB) === 1 && (!transposeA || sizeOf(batchA) === 1)) {
    const left = transposeA ? a.shape.slice(-2) : [sizeOf(a.shape) / a.shape.at(-1)!, a.shape.at(-1)!];
    const factors = [reshape(graph, a.value, left), reshape(graph, b.value, b.shape.slice(-2))];
    return { value: graph.add("Gemm", factors, [sizeOf(batch) * rows, columns], "float32", flags), shape };
  }
  return graph.add("FusedMatMul", [shaped(graph, a), shaped(graph, b)], shape, "float32", flags);
});

/** `x Wᵀ + b` for x `[..., in]`, W `[out, in]`, b `[out]`. */
define("Linear", FLOAT, (graph, { x, weight, bias }) => {
  const [outputs, inputs] = weight.shape;
  const rows = sizeOf(x.shape) / inputs;
  const factors: Value[] = [reshape(graph, x.value, [rows, inputs]), shaped(graph, weight)];
  if (bias) factors.push(shaped(graph, bias));
  const value = graph.add("Gemm", factors, [rows, outputs], "float32", [int("transB", 1)]);
  return { value, shape: [...x.shape.slice(0, -1), outputs] };
});

define(tf.Einsum, FLOAT, (graph, { list }, { equation }) => einsum(graph, list, equation));

function einsum(graph: Graph, inputs: Input[], equation: string): Result {
  const [terms, result] = equation.replaceAll(" ", "").split("->");
  const lengths = new Map<string, number>();
  terms.split(",").forEach((term, i) =>
    [...term].forEach((axis, j) => lengths.set(axis, inputs[i].shape[j]))
  );
  const shape = [...result].map((axis) => lengths.get(axis)!);
  const factors = inputs.map((x) => shaped(graph, x));
  return graph.add("Einsum", factors, shape, "float32", [string("equation", equation)]);
}

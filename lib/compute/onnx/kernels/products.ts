import * as tf from "@tensorflow/tfjs-core";
import type { Graph } from "../graph.ts";
import { define, FLOAT, type Input, reshape, type Result, shaped } from "../kernel.ts";
import { float, int, int64s, scalar, sizeOf, string, type Value } from "../value.ts";

/**
 * Matrix products, with the transposes inside the operator. If the second factor is a single matrix, uses one
 * Gemm over the rows of all batches; otherwise a batched product.
 */
define(tf.BatchMatMul, FLOAT, (graph, { a, b }, { transposeA, transposeB }) => {
  const batchA = a.shape.slice(0, -2), batchB = b.shape.slice(0, -2);
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
  const rows = a.shape.at(transposeA ? -1 : -2)!, columns = b.shape.at(transposeB ? -2 : -1)!;
  const shape = [...batch, rows, columns];
  if (sizeOf(batchB) === 1 && (!transposeA || sizeOf(batchA) === 1)) {
    const left = transposeA ? a.shape.slice(-2) : [sizeOf(a.shape) / a.shape.at(-1)!, a.shape.at(-1)!];
    const factors = [{ value: a.value, shape: left }, { value: b.value, shape: b.shape.slice(-2) }] as const;
    return { value: product(graph, ...factors, { transposeA, transposeB }), shape };
  }
  return batchedProduct(graph, a, b, shape, { transposeA, transposeB });
});

define("ScaledMatMul", FLOAT, (graph, { a, b }, { transposeA, transposeB, scale }) => {
  const shape = [
    ...a.shape.slice(0, -2),
    a.shape.at(transposeA ? -1 : -2)!,
    b.shape.at(transposeB ? -2 : -1)!,
  ];
  return batchedProduct(graph, a, b, shape, { transposeA, transposeB, scale });
});

function batchedProduct(
  graph: Graph,
  a: Input,
  b: Input,
  shape: readonly number[],
  { transposeA, transposeB, scale = 1 }: { transposeA: boolean; transposeB: boolean; scale?: number },
): Value {
  const [rows, columns] = shape.slice(-2);
  if (a.shape.at(transposeA ? -2 : -1) === 1 && scale === 1) {
    const column = reshape(graph, a.value, [...a.shape.slice(0, -2), rows, 1]);
    const row = reshape(graph, b.value, [...b.shape.slice(0, -2), 1, columns]);
    return graph.add("Mul", [column, row], shape, "float32");
  }
  return graph.add("FusedMatMul", [shaped(graph, a), shaped(graph, b)], shape, "float32", [
    int("transA", Number(transposeA)),
    int("transB", Number(transposeB)),
    float("alpha", scale),
  ]);
}

/** A value as a matrix of this shape. */
interface Matrix {
  value: Value;
  shape: readonly number[];
}

/** Returns `op(A) op(B)` of two matrices, plus a bias on each row. */
export function product(
  graph: Graph,
  a: Matrix,
  b: Matrix,
  { transposeA = false, transposeB = false, bias }: {
    transposeA?: boolean;
    transposeB?: boolean;
    bias?: Value;
  } = {},
): Value {
  const [left, transA] = viewed(a, transposeA), [right, transB] = viewed(b, transposeB);
  const rows = left[Number(transA)], inner = right[Number(transB)], columns = right[1 - Number(transB)];
  if (inner === 1 && !bias) { // an outer product, without sums
    const pair = [reshape(graph, a.value, [rows, 1]), reshape(graph, b.value, [1, columns])];
    return graph.add("Mul", pair, [rows, columns], "float32");
  }
  const factors = [reshape(graph, a.value, left), reshape(graph, b.value, right), ...(bias ? [bias] : [])];
  const flags = [int("transA", Number(transA)), int("transB", Number(transB))];
  return graph.add("Gemm", factors, [rows, columns], "float32", flags);
}

/**
 * Returns the shape in which to read a factor, and whether to transpose it. A single row or column needs no
 * transpose.
 */
function viewed({ shape: [rows, columns] }: Matrix, transpose: boolean): [number[], boolean] {
  return transpose && (rows === 1 || columns === 1) ? [[columns, rows], false] : [[rows, columns], transpose];
}

/**
 * Returns the sum of each column of `[rows,columns]` as `[1,columns]`. A product with ones reads the rows in
 * memory order.
 */
export function columnSums(graph: Graph, value: Value, [rows, columns]: readonly number[]): Value {
  const ones = graph.add("Expand", [scalar(1), int64s([1, rows])], [1, rows], "float32");
  return product(graph, { value: ones, shape: [1, rows] }, { value, shape: [rows, columns] });
}

/** Computes `x Wᵀ + b` for x `[..., in]`, W `[out, in]`, b `[out]`. */
define("Linear", FLOAT, (graph, { x, weight, bias }) => {
  const [outputs, inputs] = weight.shape;
  const states = { value: x.value, shape: [sizeOf(x.shape) / inputs, inputs] };
  const value = product(graph, states, weight, { transposeB: true, bias: bias && shaped(graph, bias) });
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

/**
 * Products in 8 bits, in place of those of a recorded graph.
 *
 * The idea: a product of float32 rows with a matrix of weights becomes a product of bytes, summed exactly in
 * int32. Each row of the left factor is scaled by its own largest magnitude, so that no other row changes it:
 * neither padding nor another input in the batch. The weights were scaled by column beforehand.
 */
import { int, type Nodes, type Rewrite } from "../../compute/mod.ts";
import { type ByteMatrix, ZERO, zeroBytes } from "./quantise.ts";

const MICROSOFT = "com.microsoft";
/** The first operator set in which blocks of a tensor can have scales of their own. */
export const BYTES_OPSET = 21;
/** The largest distance from it. */
export const MOST = 127;
/** Least magnitude of a row, so that a row of zeros is not divided by 0. */
export const LEAST = 1e-30;

/** Vectors in bytes: the names of the bytes `[...,in]` and of the vectors' scales `[...,1]`. */
interface Bytes {
  bytes: string;
  scales: string;
}

/**
 * Returns how a recording's products with these matrices, by the variables that they come from, are computed.
 */
export function byteProducts(matrixOf: (variable: string) => ByteMatrix): Rewrite {
  const known = new Map<string, Bytes>();
  return (nodes, { op, inputs, attributes }, nameOf) => {
    if (op !== "Gemm" || !transposesRight(attributes)) return undefined;
    const [left, right, bias] = inputs;
    if (!("from" in right && "variable" in right.from)) return undefined;
    const { variable } = right.from, matrix = matrixOf(variable);
    const name = nameOf(left), rows = known.get(name) ?? inBytes(nodes, name, matrix.shape[0]);
    known.set(name, rows);
    const product = times(nodes, rows, matrix, variable);
    return bias ? nodes.emit("Add", [product, nameOf(bias)]) : product;
  };
}

const transposesRight = (attributes: readonly { name: string; value: unknown }[]): boolean =>
  attributes.every(({ name, value }) => name === "transB" ? value === 1 : name !== "transA" || value === 0);

/** Adds the product of `x [rows,in]` with a matrix, in bytes, and returns its name. */
export const byteProduct = (nodes: Nodes, x: string, matrix: ByteMatrix): string =>
  times(nodes, inBytes(nodes, x, matrix.shape[0]), matrix);

/** Scales each row of `x [rows,in]` to bytes: its largest magnitude becomes 127. */
function inBytes(nodes: Nodes, x: string, width: number): Bytes {
  const { emit, integers, tensor } = nodes, last = integers([1]);
  const scalar = (value: number) => tensor("float32", Float32Array.of(value), []);
  const most = [emit("ReduceMax", [x, last]), emit("Neg", [emit("ReduceMin", [x, last])]), scalar(LEAST)];
  const scales = emit("Add", [
    emit("Mul", [emit("Max", most), scalar(1 / MOST)]),
    unlessFinite(nodes, x, width),
  ]);
  return { bytes: bytesOf(nodes, x, scales, width, 1), scales };
}

/**
 * Returns 0 for each vector of `x [...,width]`, or NaN if one of its numbers is not finite, `[...,1]`. Added
 * to a scale, it makes the product NaN: ReduceMax and ReduceMin pass over most NaNs.
 */
export const unlessFinite = ({ emit, tensor }: Nodes, x: string, width: number): string =>
  emit("MatMul", [x, tensor("float32", new Float32Array(width), [width, 1])]);

/** Divides `x` by scales with one for each vector of `width` numbers along its last axis, `axis`; rounds. */
export function bytesOf({ emit, tensor }: Nodes, x: string, scales: string, width: number, axis: number) {
  const zeros = emit("Expand", [tensor("uint8", Uint8Array.of(ZERO.uint8), []), emit("Shape", [scales])]);
  // With a block for each vector, all cores share the work; with an axis of scales, one core does it.
  return emit("QuantizeLinear", [x, scales, zeros], [int("axis", axis), int("block_size", width)]);
}

/** Returns the product `[...,out]` of bytes `[...,in]` in float32. `name` is that of the matrix's tensor. */
export function times(
  { emit, tensor }: Nodes,
  { bytes, scales }: Bytes,
  { type, data, shape, scales: steps }: ByteMatrix,
  name?: string,
): string {
  const [, outputs] = shape;
  const product = emit(`${MICROSOFT}:MatMulIntegerToFloat`, [
    bytes,
    tensor(type, data, shape, name),
    tensor("float32", Float32Array.of(1), []),
    tensor("float32", steps, [outputs]),
    tensor("uint8", Uint8Array.of(ZERO.uint8), []),
    tensor(type, zeroBytes(type, outputs), [outputs]),
  ]);
  return emit("Mul", [product, scales]);
}

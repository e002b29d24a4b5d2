/**
 * Compares every kernel of the onnx engine with plain TensorFlow.js, on each engine: odd sizes, broadcasting,
 * single elements and empty tensors.
 */
import * as tf from "@tensorflow/tfjs-core";
import * as assert from "../../testing/assert.ts";
import { onDevice, toleranceOf, underTest } from "../../testing/engines.ts";
import { testWith } from "../../testing/needs.ts";
import { random, seedOf } from "../../random.ts";
import {
  conv1d,
  type Convolution,
  ENGINES,
  type EngineStats,
  gelu,
  groupNorm,
  layerNorm,
  linear,
  maskedMax,
  maskedMin,
  maskedSoftmax,
  scaledMatMul,
  useEngine,
} from "../mod.ts";
import { mapped } from "./kernel.ts";

type Made = tf.Tensor | tf.Tensor[];

let draws = random(0);
let signed = true;
const sign = (x: number) => signed ? x : Math.abs(x);
/** Floats in [-2, 2); a case gets the same ones on each engine. */
const f = (...shape: number[]) => tf.tensor(numbers(shape, () => sign(4 * draws.uniform() - 2)), shape);
const positive = (...shape: number[]) => tf.tensor(numbers(shape, () => 0.1 + draws.uniform()), shape);
const i = (...shape: number[]) => tf.tensor(numbers(shape, () => draws.integer(9) - 4), shape, "int32");
const b = (...shape: number[]) => tf.tensor(numbers(shape, () => draws.integer(2)), shape, "bool");
const ids = (bound: number, ...shape: number[]) =>
  tf.tensor(numbers(shape, () => draws.integer(bound)), shape, "int32");
const numbers = (shape: number[], draw: () => number) =>
  Array.from({ length: shape.reduce((a, b) => a * b, 1) }, draw);
/** Large enough that integers do not count as shape arithmetic. */
const many = (...shape: number[]) => i(300, ...shape);
const kernel = (name: string, inputs: Record<string, tf.Tensor>, attributes = {}) =>
  tf.engine().runKernel(name, inputs, attributes) as tf.Tensor;

const unary = (op: (x: tf.Tensor) => tf.Tensor, draw = f) => [
  () => op(draw(3, 5, 7)),
  () => op(draw()),
  () => op(draw(1, 1)),
  () => op(tf.reshape(draw(4, 6), [2, 12])),
];
const binary = (op: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, draw = f) => [
  () => op(draw(3, 5), draw(3, 5)),
  () => op(draw(2, 3, 5), draw(5)),
  () => op(draw(2, 1, 5), draw(3, 1)),
  () => op(draw(), draw(2, 3)),
  () => op(draw(1), draw(2, 3)),
  () => op(draw(1, 1, 1), draw(2)),
  () => op(tf.reshape(draw(4, 6), [2, 12]), tf.reshape(draw(3, 8), [2, 12])),
  () => op(tf.reshape(draw(4, 6), [2, 12]), draw(12)),
  () => op(tf.reshape(draw(4, 6), [2, 12]), draw()),
];
const both = (op: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor) => [
  ...binary(op),
  () => op(many(3), many(3)),
  () => op(many(3), i()),
];
const reductions = (op: (x: tf.Tensor, axis?: number | number[], keep?: boolean) => tf.Tensor, draw = f) => [
  () => op(draw(3, 5, 7)),
  () => op(draw(3, 5, 7), -1),
  () => op(draw(3, 5, 7), [0, 2], true),
  () => op(draw(3, 5, 7), 0),
  () => op(draw(3, 5, 7), [1, 0], true),
  () => op(draw(3, 5, 1), [0, 1]),
  () => op(draw(3, 5, 7), [2, 1]),
  () => op(draw(2, 3), []),
  () => op(draw()),
  () => op(tf.reshape(draw(4, 6), [2, 12]), 1),
];

/**
 * Plain; strided with a remainder; padded, with an even and an odd kernel; grouped; all of these; one row,
 * channel, position.
 */
const convolutions: [x: number[], weight: number[], Convolution][] = [
  [[2, 3, 11], [4, 3, 3], {}],
  [[2, 3, 12], [4, 3, 3], { stride: 2 }],
  [[2, 1, 23], [3, 1, 10], { stride: 5 }],
  [[3, 4, 9], [4, 2, 4], { padding: 2, groups: 2 }],
  [[2, 6, 13], [3, 2, 3], { stride: 3, padding: 1, groups: 3 }],
  [[1, 1, 1], [1, 1, 1], {}],
  [[1, 2, 2], [5, 2, 2], { stride: 2 }],
];
const convolve = (op: (x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor, how: Convolution) => Made) =>
  convolutions.map(([x, weight, how]) => () => op(f(...x), f(...weight), f(weight[0]), how));
const convolved = (how: Convolution) => (x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor) =>
  conv1d(x as tf.Tensor3D, weight as tf.Tensor3D, bias as tf.Tensor1D, how);
/** Masks of full, short and empty rows. */
const normed = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) =>
  groupNorm(
    x as tf.Tensor3D,
    tf.tensor2d([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [0, 0, 0, 0, 0]]),
    gamma as tf.Tensor1D,
    beta as tf.Tensor1D,
  );

/** Cases by kernel. */
const table: Record<string, (() => Made)[]> = {
  Sqrt: unary(tf.sqrt, positive),
  Rsqrt: unary(tf.rsqrt, positive),
  Log: unary(tf.log, positive),
  Log1p: unary(tf.log1p, positive),
  Reciprocal: unary(tf.reciprocal, positive),
  Exp: unary(tf.exp),
  Sigmoid: unary(tf.sigmoid),
  Tanh: unary(tf.tanh),
  Relu: unary(tf.relu),
  Relu6: unary((x) => tf.relu6(tf.mul(x, 5))),
  Elu: unary(tf.elu),
  EluGrad: unary((y) => kernel("EluGrad", { dy: tf.add(y, 1), y })),
  LeakyRelu: unary((x) => tf.leakyRelu(x, 0.3)),
  Softplus: unary(tf.softplus),
  Erf: unary(tf.erf),
  Sin: unary(tf.sin),
  Cos: unary(tf.cos),
  Floor: unary(tf.floor),
  Ceil: unary(tf.ceil),
  Round: [...unary(tf.round), () => tf.round(tf.tensor([0.5, 1.5, 2.5, -0.5, -1.5]))],
  Step: [...unary((x) => tf.step(x)), ...unary((x) => tf.step(x, 0.5)), () => tf.step(tf.tensor([0, -0, 1]))],
  ClipByValue: unary((x) => tf.clipByValue(x, -0.5, 1)),
  Square: [...unary(tf.square), () => tf.square(many(2))],
  Abs: [...unary(tf.abs), () => tf.abs(many(2))],
  Neg: [...unary(tf.neg), () => tf.neg(many(2))],
  Sign: [...unary(tf.sign), () => tf.sign(many(2))],
  IsNan: [() => tf.isNaN(tf.tensor([1, NaN, Infinity, 0]))],
  LogicalNot: unary((x) => tf.logicalNot(x as tf.Tensor), b),
  LogicalAnd: binary((x, y) => tf.logicalAnd(x, y), b),
  LogicalOr: binary((x, y) => tf.logicalOr(x, y), b),
  Cast: [
    () => tf.cast(f(3, 4), "int32"),
    () => tf.cast(f(3, 4), "bool"),
    () => tf.cast(many(2), "float32"),
    () => tf.cast(many(2), "bool"),
    () => tf.cast(b(5), "float32"),
    () => tf.cast(b(5), "int32"),
  ],
  Add: both(tf.add),
  Sub: both(tf.sub),
  Multiply: both(tf.mul),
  Maximum: both(tf.maximum),
  Minimum: both(tf.minimum),
  SquaredDifference: both(tf.squaredDifference),
  RealDiv: binary((x, y) => tf.div(x, tf.add(tf.abs(y), 0.1))),
  Pow: [...binary((x, y) => tf.pow(x, y), positive), () => tf.pow(f(5), 3), () => tf.pow(f(5), 2)],
  Greater: both(tf.greater),
  GreaterEqual: both(tf.greaterEqual),
  Less: both(tf.less),
  LessEqual: both(tf.lessEqual),
  Equal: both(tf.equal),
  NotEqual: both(tf.notEqual),
  AddN: [() => tf.addN([f(3, 4), f(3, 4), f(3, 4)]), () => tf.addN([f(2)])],
  Select: [
    () => tf.where(b(3, 4), f(3, 4), f(3, 4)),
    () => tf.where(b(), f(), f()),
    () => tf.where(b(3, 1), f(3, 4), f(4)),
    () => tf.where(b(2, 3), i(2, 3), i(2, 3)),
    () => tf.where(b(600), tf.reshape(many(2), [-1]), tf.reshape(many(2), [-1])),
  ],
  Sum: [...reductions(tf.sum), () => tf.sum(many(2), 0), () => tf.sum(b(3, 4), 1)],
  Mean: [...reductions(tf.mean), () => tf.mean(many(2), 0), () => tf.mean(b(3, 4), 1)],
  Max: [...reductions(tf.max), () => tf.max(many(2), 0)],
  Min: [...reductions(tf.min), () => tf.min(many(2), 0)],
  Prod: reductions(tf.prod),
  All: reductions(tf.all, b),
  Any: reductions(tf.any, b),
  ArgMax: [
    () => tf.argMax(f(3, 5, 7), 1),
    () => tf.argMax(f(3, 5), -1),
    () => tf.argMax(tf.tensor([1, 3, 3, 0])),
    () => tf.argMax(many(2), 0),
  ],
  ArgMin: [() => tf.argMin(f(3, 5, 7), 1), () => tf.argMin(tf.tensor([1, 0, 3, 0]))],
  Softmax: [() => tf.softmax(tf.mul(f(3, 5, 7), 20)), () => tf.softmax(f(1)), () => tf.softmax(f(4, 1))],
  LogSoftmax: [() => tf.logSoftmax(tf.mul(f(3, 7), 20))],
  Cumsum: [
    () => tf.cumsum(f(3, 5), 1),
    () => tf.cumsum(f(3, 5), 0, true, true),
    () => tf.cumsum(many(2), 0),
  ],
  BatchMatMul: ["00", "01", "10", "11"].flatMap((flags) => {
    const [m, k, n] = [3, 5, 7], [across, over] = [flags[0] === "1", flags[1] === "1"];
    const product = (left: number[], right: number[], [a, c, d] = [m, k, n]) => () =>
      tf.matMul(
        f(...left, ...(across ? [c, a] : [a, c])),
        f(...right, ...(over ? [d, c] : [c, d])),
        across,
        over,
      );
    return [
      product([], []),
      product([4], [4]),
      product([4], [1]),
      product([1], [4]),
      product([2, 4], [2, 4]),
      product([4], []),
      product([], [], [1, 1, 1]),
      product([], [], [1, 5, 7]),
      product([], [], [3, 5, 1]),
      product([], [], [3, 1, 7]),
      product([4], [4], [3, 1, 7]),
      product([2], [2], [1, 4, 1]),
    ];
  }),
  ScaledMatMul: ["00", "01", "10", "11"].map((flags) => () => {
    const [transposeA, transposeB] = [flags[0] === "1", flags[1] === "1"];
    const a = f(2, 4, ...(transposeA ? [5, 3] : [3, 5])), b = f(2, 4, ...(transposeB ? [7, 5] : [5, 7]));
    const scaled = (a: tf.Tensor, b: tf.Tensor) => scaledMatMul(a, b, { transposeA, transposeB, scale: 0.3 });
    return [scaled(a, b), ...tf.grads(scaled)([a, b], f(2, 4, 3, 7))];
  }),
  Linear: [
    () => linear(f(2, 3, 5), f(4, 5) as tf.Tensor2D, f(4) as tf.Tensor1D),
    () => linear(f(5), f(1, 5) as tf.Tensor2D),
    () => linear(tf.reshape(f(4, 6), [2, 2, 6]), f(3, 6) as tf.Tensor2D),
  ],
  Conv1d: [
    ...convolve((x, weight, bias, how) => convolved(how)(x, weight, bias)),
    () => conv1d(tf.reshape(f(4, 6), [2, 3, 4]), f(2, 3, 2) as tf.Tensor3D),
  ],
  Conv1dInputGrad: convolve((x, weight, bias, how) => tf.grad((x) => convolved(how)(x, weight, bias))(x)),
  Conv1dWeightGrad: convolve((x, weight, bias, how) => {
    const y = tf.onesLike(convolved(how)(x, weight, bias));
    return tf.grads((weight, bias) => convolved(how)(x, weight, bias))([weight, bias], tf.cumsum(y, 2));
  }),
  GroupNorm: [
    () => normed(f(3, 2, 5), f(2), f(2)),
    () => normed(tf.reshape(f(6, 5), [3, 2, 5]), f(2), f(2)),
    () => groupNorm(f(1, 1, 1) as tf.Tensor3D, tf.ones([1, 1]), f(1) as tf.Tensor1D, f(1) as tf.Tensor1D),
  ],
  GroupNormGrad: [() => tf.grads(normed)([f(3, 2, 5), f(2), f(2)], f(3, 2, 5))],
  Einsum: [
    () => tf.einsum("bij,bkj->bik", f(2, 3, 4), f(2, 5, 4)),
    () => tf.einsum("ij,j->i", f(3, 4), f(4)),
  ],
  Gelu: [...unary((x) => gelu(x)), ...unary((x) => gelu(x, "tanh"))],
  GeluGrad: [
    ...unary((x) => tf.grad((x) => gelu(x))(x)),
    ...unary((x) => tf.grad((x) => gelu(x, "tanh"))(x)),
  ],
  LayerNorm: [
    () => layerNorm(f(2, 3, 5), f(5) as tf.Tensor1D, f(5) as tf.Tensor1D),
    () => layerNorm(f(4, 1), f(1) as tf.Tensor1D, f(1) as tf.Tensor1D),
    () => layerNorm(tf.reshape(f(4, 6), [2, 12]), f(12) as tf.Tensor1D, f(12) as tf.Tensor1D),
  ],
  LayerNormGrad: [() =>
    tf.grads((x, gamma, beta) => layerNorm(x, gamma as tf.Tensor1D, beta as tf.Tensor1D))(
      [f(2, 3, 5), f(5), f(5)],
      f(2, 3, 5),
    )],
  MaskedSoftmax: [
    () => maskedSoftmax(f(3, 5), tf.cast(b(3, 5), "float32")),
    () => maskedSoftmax(f(2, 3, 4, 5), tf.cast(b(2, 1, 1, 5), "float32")),
    () => maskedSoftmax(f(2, 3, 4, 5), tf.cast(b(2, 1, 4, 5), "float32")),
    () => maskedSoftmax(f(3, 5), tf.cast(b(5), "float32")),
    () => maskedSoftmax(tf.mul(f(3, 5), 1e6), tf.ones([3, 5])),
    () => maskedSoftmax(f(3, 5), tf.zeros([3, 5])),
  ],
  MaskedExtreme: [maskedMax, maskedMin].flatMap((op) => [
    () => op(f(3, 4, 5) as tf.Tensor3D, tf.tensor2d([[1, 1, 0, 1], [0, 0, 0, 0], [1, 0, 0, 0]])),
    () => op(f(1, 1, 1) as tf.Tensor3D, tf.ones([1, 1])),
    () => op(tf.reshape(f(4, 6), [2, 4, 3]), tf.cast(b(2, 4), "float32") as tf.Tensor2D),
  ]),
  MaskedExtremeGrad: [maskedMax, maskedMin].map((op) => () =>
    tf.grad((x) => op(x as tf.Tensor3D, tf.tensor2d([[1, 1, 0, 1], [0, 0, 0, 0], [0, 1, 1, 0]])))(
      tf.round(f(3, 4, 5)), // ties
      f(3, 5),
    )
  ),
  SoftmaxGrad: [() => kernel("SoftmaxGrad", { dy: f(2, 3, 5), y: tf.softmax(f(2, 3, 5)) })],
  Identity: [() => tf.clone(f(3))],
  Reshape: [() => tf.reshape(f(3, 4), [2, -1]), () => tf.squeeze(f(1, 3, 1)), () => tf.reshape(f(1), [])],
  ExpandDims: [() => tf.expandDims(f(3, 4), 1), () => tf.expandDims(f(3, 4), -1), () => tf.expandDims(f())],
  Transpose: [
    () => tf.transpose(f(2, 3, 4, 5), [2, 0, 3, 1]),
    () => tf.transpose(f(2, 1, 4), [1, 0, 2]),
    () => tf.transpose(f(3, 4)),
    () => tf.transpose(f(2, 3), [0, 1]),
    () => tf.transpose(tf.reshape(f(4, 6), [2, 12])),
    () => tf.transpose(many(2)),
    () => tf.transpose(b(2, 3)),
  ],
  Concat: [
    () => tf.concat([f(2, 3), f(2, 1), f(2, 4)], 1),
    () => tf.concat([f(2, 3), f(1, 3)], 0),
    () => tf.concat([f(2, 3)], 0),
    () => tf.concat(Array.from({ length: 20 }, (_, k) => f(2, 1 + k % 3)), 1),
    () => tf.concat([i(200), i(200)]),
  ],
  SplitV: [
    () => tf.split(f(4, 6), 3, 1),
    () => tf.split(f(4, 6), [1, 3], 0),
    () => tf.split(f(4, 6), [2, -1], 1),
    () => tf.split(f(4, 6), 1),
    () => tf.split(f(2, 30), 10, 1),
  ],
  Pack: [() => tf.stack([f(2, 3), f(2, 3)], 1), () => tf.stack([f(), f()]), () => tf.stack([f(2), f(2)], -1)],
  Unpack: [() => tf.unstack(f(4, 3), 1), () => tf.unstack(f(1, 3)), () => tf.unstack(f(3))],
  Slice: [
    () => tf.slice(f(4, 2, 5), [1, 0, 2], [2, -1, 3]),
    () => tf.slice(f(4, 2), [2]),
    () => tf.slice(f(4), [0], [4]),
    () => tf.slice(many(2), [3, 0]),
  ],
  StridedSlice: [
    () => tf.stridedSlice(f(5, 6), [0, 1], [5, 6], [2, 3]),
    () => tf.stridedSlice(f(5, 6), [-1, 4], [-4, 0], [-1, -2]),
    () => tf.stridedSlice(f(3, 4), [1, 0], [2, 4], [1, 1], 0, 0, 0, 0, 1),
    () => tf.stridedSlice(f(3, 4), [0, 0], [0, 0], [1, 1], 3, 3, 0, 0, 0),
  ],
  Reverse: [() => tf.reverse(f(3, 4), 1), () => tf.reverse(f(3, 4)), () => tf.reverse(f(3, 4), [])],
  PadV2: [
    () => tf.pad(f(2, 3), [[0, 3], [1, 2]]),
    () => tf.pad(f(2, 3), [[1, 0], [0, 0]], -1.5),
    () => tf.pad(many(1), [[1, 1], [0, 0]], 7),
    () => tf.pad(f(2), [[0, 0]]),
  ],
  Tile: [
    () => tf.tile(f(2, 3), [2, 3]),
    () => tf.tile(f(2, 3), [1, 1]),
    () => tf.broadcastTo(f(3, 1), [2, 3, 4]),
    () => tf.tile(b(2, 3), [2, 1]),
  ],
  GatherV2: [
    () => tf.gather(f(5, 3), ids(5, 7)),
    () => tf.gather(f(2, 5, 3), ids(5, 2, 2), 1),
    () => tf.gather(f(5, 3), ids(5), -2),
    () => tf.gather(many(2), ids(5, 7)),
  ],
  GatherNd: [() => tf.gatherND(f(3, 4, 5), ids(3, 6, 2)), () => tf.gatherND(f(3), ids(3, 4, 1))],
  UnsortedSegmentSum: [
    () => tf.unsortedSegmentSum(f(6, 3), ids(4, 6) as tf.Tensor1D, 5),
    () => tf.unsortedSegmentSum(f(6), ids(2, 6) as tf.Tensor1D, 2),
  ],
  OneHot: [
    () => tf.oneHot(ids(4, 300), 4),
    () => tf.oneHot(ids(4, 150, 2), 4, 0.9, 0.1, "float32"),
    () => tf.oneHot(tf.concat([ids(4, 300), tf.tensor1d([-1, 9], "int32")]), 4),
  ],
  Fill: [() => tf.fill([2, 3], 1.5), () => tf.fill([2], 3, "int32")],
  ZerosLike: [() => tf.zerosLike(f(2, 3)), () => tf.zerosLike(many(2)), () => tf.zerosLike(b(3))],
  OnesLike: [() => tf.onesLike(f(2, 3)), () => tf.onesLike(many(2)), () => tf.onesLike(b(3))],
  Range: [() => tf.range(0, 5), () => tf.range(5, 0, -2, "int32")],
};

/** Empty inputs: the result is right, and no node is recorded that cannot run. */
const empty: Record<string, () => Made> = {
  add: () => tf.add(f(0, 3), f(1, 3)),
  concat: () => tf.concat([f(2, 0), f(2, 3)], 1),
  slice: () => tf.mul(tf.slice(f(4, 2), [1, 1], [0, 1]), 2),
  split: () => tf.split(f(4, 2), [0, 4], 0),
  fill: () => tf.fill([0, 2], 1),
  range: () => tf.range(1, 1),
  pad: () => tf.pad(f(0, 2), [[1, 0], [0, 0]], 3),
  sum: () => tf.sum(f(0, 3), 0),
  mean: () => tf.mean(f(2, 0)),
  max: () => tf.max(f(2, 0), 1),
  matMul: () => tf.matMul(f(2, 0) as tf.Tensor2D, f(0, 3) as tf.Tensor2D),
  linear: () => linear(f(0, 4), f(3, 4) as tf.Tensor2D, f(3) as tf.Tensor1D),
  layerNorm: () => layerNorm(f(0, 4), f(4) as tf.Tensor1D, f(4) as tf.Tensor1D),
  conv1d: () => conv1d(f(0, 2, 5) as tf.Tensor3D, f(3, 2, 2) as tf.Tensor3D, f(3) as tf.Tensor1D),
  groupNorm: () =>
    groupNorm(f(0, 2, 5) as tf.Tensor3D, f(0, 5) as tf.Tensor2D, f(2) as tf.Tensor1D, f(2) as tf.Tensor1D),
  maskedSoftmax: () => maskedSoftmax(f(2, 0), f(2, 0)),
  gather: () => tf.gather(f(4, 3), tf.tensor1d([], "int32")),
  transpose: () => tf.transpose(f(0, 4)),
  gradient: () => tf.grad((x) => tf.sum(tf.tanh(tf.mul(x, 2))))(f(0, 3)),
};

/**
 * Kernels whose results are sums of products of their inputs, with the largest number of terms in one sum.
 */
const SUMS: Record<string, number> = {
  Sum: 3 * 5 * 7,
  Mean: 3 * 5 * 7,
  Cumsum: 5,
  AddN: 3,
  UnsortedSegmentSum: 6,
  BatchMatMul: 5,
  ScaledMatMul: 7 + 1, // and the scale
  Einsum: 4,
  Linear: 5 + 1,
  Conv1d: 1 * 10 + 1,
  Conv1dInputGrad: 4 * 3,
  Conv1dWeightGrad: 3 * 10,
};

/**
 * Returns how far each value may lie from the reference. A sum of n terms, multiplied and added in float32 in
 * any order, is off by at most n ε/2 Σ|terms| on either side; the op's own result for inputs without signs is
 * that Σ.
 */
async function bounds(name: string, run: () => Made): Promise<((output: number, at: number) => number)> {
  const terms = SUMS[name.split(" ")[0]];
  if (!terms) return () => 0;
  signed = false;
  const { values } = await results("cpu", name, run);
  signed = true;
  return (output, at) => terms * 2 ** -23 * values[output].values[at];
}

/** Returns the result of a case on an engine as plain numbers. */
async function results(engine: string, name: string, run: () => Made) {
  const { resetStats, stats } = await useEngine(underTest(engine));
  resetStats();
  draws = random(seedOf(name));
  const before = tf.memory().numTensors;
  const made = [tf.tidy(run)].flat();
  const values = await Promise.all(made.map(async (x) => ({
    shape: x.shape,
    dtype: x.dtype,
    values: Array.from(await x.data()),
  })));
  tf.dispose(made);
  assert.equal(tf.memory().numTensors, before, "tensors left behind");
  return { values, stats: stats() };
}

async function same(engine: string, name: string, run: () => Made): Promise<EngineStats> {
  const { values: expected } = await results("cpu", name, run);
  const { values: actual, stats } = await results(engine, name, run);
  const tolerance = toleranceOf(name, engine), bound = await bounds(name, run);
  assert.equal(actual.length, expected.length);
  actual.forEach((tensor, k) => {
    assert.deepEqual([tensor.shape, tensor.dtype], [expected[k].shape, expected[k].dtype]);
    tensor.values.forEach((value, j) => {
      const wanted = expected[k].values[j];
      const close = Object.is(value, wanted) ||
        Math.abs(value - wanted) <= Math.max(tolerance * Math.max(1, Math.abs(wanted)), bound(k, j));
      assert.ok(close, `${value} where the reference has ${wanted}, at ${j} of output ${k}`);
    });
  });
  return stats;
}

/** Kernels and cases that WebGPU's provider leaves to the host; no head or encoder uses them. */
const onHost = [
  ...["Round ", "IsNan ", "MaskedExtremeGrad "], // whose cases round their inputs
  ...["Abs 4", "Neg 4", "Sign 4", "Slice 3"], // integers
  ...["Transpose 6", "Tile 3"], // booleans
];

/**
 * Cases in which TensorFlow's library differs: an axis counted from the end, mean and maximum of an empty
 * tensor.
 */
const otherwise = ["GatherV2 2", "mean", "max"];

for (const engine of ENGINES.filter((engine) => engine !== "cpu")) {
  const skipped = (name: string) => engine === "tensorflow" && otherwise.includes(name);

  for (const [name, cases] of Object.entries(table)) {
    testWith(engine, `${name} on ${engine} equals plain TensorFlow.js`, async () => {
      for (const [number, run] of cases.entries()) {
        if (skipped(`${name} ${number}`)) continue;
        const { fallbacks, graphsUsingHost } = await same(engine, `${name} ${number}`, run);
        assert.deepEqual(fallbacks, {}, `case ${number} fell back`);
        const usesHost = onDevice(engine) && onHost.some((each) => `${name} ${number}`.startsWith(each));
        assert.equal(graphsUsingHost > 0, usesHost, `case ${number} on the host`);
      }
    });
  }

  for (const [name, run] of Object.entries(empty)) {
    if (skipped(name)) continue;
    testWith(engine, `${name} of empty tensors on ${engine} equals plain TensorFlow.js`, async () => {
      await same(engine, name, run);
    });
  }
}

Deno.test("the table has every kernel with a node", async () => {
  await useEngine(underTest("onnx"));
  assert.deepEqual([...mapped].filter((name) => !(name in table)), []);
});

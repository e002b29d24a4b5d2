/**
 * Compares every kernel of the onnx engine with plain TensorFlow.js, for each element type that the latter
 * supports: numbers and types are equal. Each case runs with small integers (shape arithmetic on the host)
 * and with large ones (in the graph).
 */
import * as tf from "@tensorflow/tfjs-core";
import { random, seedOf } from "../../random.ts";
import * as assert from "../../testing/assert.ts";
import { toleranceOf } from "../../testing/engines.ts";
import { useEngine } from "../mod.ts";
import { mapped } from "./kernel.ts";

type Type = "float32" | "int32" | "bool";
type Made = tf.Tensor | tf.Tensor[];

/** Draws tensors of the type under test, with rows of length `n`. */
interface Draws {
  /** `[n]`. */
  row(): tf.Tensor1D;
  /** `[3,n]`. */
  rows(): tf.Tensor2D;
  /** int32 in `[0,bound)`, `[n]`. */
  ids(bound: number): tf.Tensor1D;
  type: Type;
}

const call = (name: string, inputs: Record<string, tf.Tensor>, attributes = {}) =>
  tf.engine().runKernel(name, inputs, attributes) as tf.Tensor;
const unary = (name: string, attributes = {}) => ({ rows }: Draws): Made =>
  call(name, { x: rows() }, attributes);
const binary = (name: string) => ({ rows, row }: Draws): Made => [
  call(name, { a: rows(), b: rows() }),
  call(name, { a: rows(), b: row() }),
];
const reduced = (name: string) => ({ rows }: Draws): Made => [
  call(name, { x: rows() }, { axis: 0, reductionIndices: 0, keepDims: false }),
  call(name, { x: rows() }, { axis: 1, reductionIndices: 1, keepDims: true }),
];
const each = <T>(names: string, of: (name: string) => T): Record<string, T> =>
  Object.fromEntries(names.split(" ").map((name) => [name, of(name)]));

const table: Record<string, (draws: Draws) => Made> = {
  ...each(
    "Sqrt Rsqrt Log Log1p Reciprocal Exp Sigmoid Tanh Relu Relu6 Elu Softplus Erf Sin Cos",
    (name) => unary(name),
  ),
  ...each(
    "Floor Ceil Round Square Abs Neg Sign IsNan LogicalNot ZerosLike OnesLike Identity",
    (name) => unary(name),
  ),
  LeakyRelu: unary("LeakyRelu", { alpha: 0.3 }),
  Step: unary("Step", { alpha: 0.5 }),
  ClipByValue: unary("ClipByValue", { clipValueMin: -1, clipValueMax: 2 }),
  EluGrad: ({ rows }) => call("EluGrad", { dy: rows(), y: rows() }),
  Cast: ({ rows }) => ["float32", "int32", "bool"].map((dtype) => tf.cast(rows(), dtype as Type)),
  ...each("Add Sub Multiply Maximum Minimum SquaredDifference RealDiv Pow", binary),
  ...each("Greater GreaterEqual Less LessEqual Equal NotEqual LogicalAnd LogicalOr", binary),
  AddN: ({ rows }) => tf.addN([rows(), rows(), rows()]),
  Select: ({ rows }) => tf.where(tf.greater(tf.cast(rows(), "float32"), 0), rows(), rows()),
  ...each("Sum Mean Max Min Prod All Any", reduced),
  ArgMax: ({ rows }) => call("ArgMax", { x: rows() }, { axis: 1 }),
  ArgMin: ({ rows }) => call("ArgMin", { x: rows() }, { axis: 0 }),
  Softmax: ({ rows }) => call("Softmax", { logits: rows() }, { dim: 1 }),
  LogSoftmax: ({ rows }) => call("LogSoftmax", { logits: rows() }, { axis: 1 }),
  Cumsum: ({ rows }) => call("Cumsum", { x: rows() }, { axis: 1, exclusive: false, reverse: false }),
  BatchMatMul: ({ rows }) => tf.matMul(rows(), rows(), false, true),
  Einsum: ({ rows }) => tf.einsum("ij,kj->ik", rows(), rows()),
  Reshape: ({ rows }) => tf.reshape(rows(), [-1]),
  ExpandDims: ({ rows }) => tf.expandDims(rows(), 1),
  Transpose: ({ rows }) => tf.transpose(rows()),
  Concat: ({ rows }) => tf.concat([rows(), rows()], 1),
  SplitV: ({ rows }) => tf.split(rows(), [1, 2], 0),
  Pack: ({ row }) => tf.stack([row(), row()], 1),
  Unpack: ({ rows }) => tf.unstack(rows()),
  Slice: ({ rows }) => tf.slice(rows(), [1, 1], [2, 2]),
  StridedSlice: ({ rows }) => tf.stridedSlice(rows(), [0, 3], [3, 0], [2, -1]),
  Reverse: ({ rows }) => tf.reverse(rows(), 1),
  PadV2: ({ rows }) => call("PadV2", { x: rows() }, { paddings: [[1, 0], [0, 2]], constantValue: 1 }),
  Tile: ({ rows }) => [tf.tile(rows(), [1, 2]), tf.tile(tf.expandDims(rows(), 0), [2, 1, 1])],
  GatherV2: ({ rows, ids }) => tf.gather(rows(), ids(3)),
  GatherNd: ({ rows, ids }) => tf.gatherND(rows(), tf.expandDims(ids(3), 1)),
  UnsortedSegmentSum: ({ row, rows, ids }) => [
    tf.unsortedSegmentSum(row(), ids(4), 4),
    tf.unsortedSegmentSum(tf.transpose(rows()), ids(4), 4),
  ],
  OneHot: (
    { ids, type },
  ) => [tf.oneHot(ids(4), 4, 1, 0, type as "float32"), tf.oneHot(ids(4), 4, 0, 1, type as "int32")],
  Fill: ({ type }) => call("Fill", {}, { shape: [3, 4], value: 1, dtype: type }),
  Range: ({ type }) => call("Range", {}, { start: 1, stop: 9, step: 2, dtype: type }),
};

/** Returns the result of a case on an engine. Throws if TensorFlow.js does not define it. */
async function results(engine: string, name: string, type: Type, n: number) {
  await useEngine({ engine });
  const { integer } = random(seedOf(name, type, n));
  const draw = (shape: number[], bound: number, from: number, dtype: Type) => {
    const size = shape.reduce((a, b) => a * b);
    return tf.tensor(Array.from({ length: size }, () => from + integer(bound)), shape, dtype);
  };
  const [bound, from] = type === "bool" ? [2, 0] : [9, -4];
  const draws: Draws = {
    row: () => draw([n], bound, from, type) as tf.Tensor1D,
    rows: () => draw([3, n], bound, from, type) as tf.Tensor2D,
    ids: (bound) => draw([n], bound, 0, "int32") as tf.Tensor1D,
    type,
  };
  const made = [tf.tidy(() => table[name](draws))].flat();
  const results = [];
  for (const tensor of made) {
    results.push({ shape: tensor.shape, dtype: tensor.dtype, values: Array.from(await tensor.data()) });
  }
  tf.dispose(made);
  return results;
}

for (const name of Object.keys(table)) {
  for (const type of ["float32", "int32", "bool"] as const) {
    for (const n of [4, 300]) {
      Deno.test(`${name} of ${n} ${type} equals plain TensorFlow.js`, async () => {
        const expected = await results("cpu", name, type, n).catch(() => undefined);
        if (!expected) return; // not defined there
        const actual = await results("onnx", name, type, n);
        assert.equal(actual.length, expected.length);
        for (const [i, { shape, dtype, values }] of actual.entries()) {
          assert.deepEqual([shape, dtype], [expected[i].shape, expected[i].dtype]);
          values.forEach((value, j) => {
            const wanted = expected[i].values[j],
              room = toleranceOf(name, "onnx") * Math.max(1, Math.abs(wanted));
            assert.ok(
              Object.is(value, wanted) || Math.abs(value - wanted) <= room,
              `${value} for ${wanted} at ${j}`,
            );
          });
        }
      });
    }
  }
}

/** Our own kernels take float32 only; for other types they are composed. */
const own = /^(MaskedSoftmax|SoftmaxGrad|MaskedExtreme|Linear|ScaledMatMul|LayerNorm|GroupNorm|Conv1d|Gelu)/;

Deno.test("the table has every kernel with a node, except our own", async () => {
  await useEngine();
  assert.deepEqual([...mapped].filter((name) => !(name in table) && !own.test(name)), []);
});

Deno.test("sums of int32 rows stay int32, and exact beyond float32's precision", async () => {
  for (const engine of ["cpu", "onnx"]) {
    for (const n of [4, 300]) {
      await useEngine({ engine });
      const values = tf.fill([n], 2 ** 24 + 1, "int32") as tf.Tensor1D, ids = tf.range(0, n, 1, "int32");
      const sums = tf.unsortedSegmentSum(values, tf.minimum(ids, tf.scalar(1, "int32")) as tf.Tensor1D, 2);
      assert.equal(sums.dtype, "int32");
      assert.deepEqual(Array.from(await sums.data()), [2 ** 24 + 1, (n - 1) * (2 ** 24 + 1) | 0]);
    }
  }
});

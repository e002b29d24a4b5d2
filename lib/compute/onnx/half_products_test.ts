import * as tf from "@tensorflow/tfjs-core";
import { deepEqual, equal, ok } from "../../testing/assert.ts";
import { conv1d, currentEngine, layerNorm, linear, scaledMatMul, useEngine } from "../mod.ts";
import { noStats } from "../stats.ts";
import { openDevice } from "./device.ts";
import { type Graph, lazyGraph } from "./graph.ts";
import { halfProducts } from "./half_products.ts";
import { hostMemory } from "./memory.ts";
import { bufferPool } from "./pool.ts";
import { sessionStore } from "./sessions.ts";
import { int, ints, Value } from "./value.ts";

await useEngine();

const half = Math.f16round;
const wave = (...shape: number[]) =>
  tf.tensor(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(i + 1)), shape);
const inHalf = <T>(record: () => T) => currentEngine().inHalfPrecision!(record);

/** Returns a bᵀ plus bias, with factors, bias and result rounded to 16 bits. */
function halfProduct(a: number[][], b: number[][], bias?: number[]): number[] {
  return a.flatMap((row) =>
    b.map((column, j) =>
      half(row.reduce((sum, x, k) => sum + half(x) * half(column[k]), bias ? half(bias[j]) : 0))
    )
  );
}

/** Compares to one unit in the last place of 16 bits: a sum in float32 may round to the other side. */
function near(found: ArrayLike<number>, wanted: readonly number[]) {
  equal(found.length, wanted.length);
  wanted.forEach((value, i) => {
    equal(found[i], half(found[i]), "a number of 16 bits");
    ok(Math.abs(found[i] - value) <= 2 ** -10 * Math.abs(value), `${found[i]} for ${value}`);
  });
}

Deno.test("products read 16-bit factors and give 16-bit results", async () => {
  const a = wave(3, 7), b = wave(4, 7) as tf.Tensor2D, bias = wave(4) as tf.Tensor1D;
  const [rows, columns] = [await a.array(), await b.array()] as number[][][];
  const wanted = halfProduct(rows, columns);
  near(inHalf(() => tf.matMul(a as tf.Tensor2D, b, false, true)).dataSync(), wanted);
  near(inHalf(() => linear(a, b, bias)).dataSync(), halfProduct(rows, columns, await bias.array()));
  const batched = [a, b].map((each) => tf.expandDims<tf.Tensor3D>(each));
  const scaled = inHalf(() => scaledMatMul(batched[0], batched[1], { transposeB: true, scale: 0.5 }));
  near(scaled.dataSync(), wanted.map((value) => value / 2));
  const images = tf.reshape(a, [3, 7, 1]) as tf.Tensor3D, kernels = tf.reshape(b, [4, 7, 1]) as tf.Tensor3D;
  near(inHalf(() => conv1d(images, kernels)).dataSync(), wanted);
  ok(
    tf.matMul(a as tf.Tensor2D, b, false, true).dataSync()[0] !== wanted[0],
    "elsewhere, they are as before",
  );
});

Deno.test("gradients of products are half precise, sums and norms are not", async () => {
  const a = wave(3, 7) as tf.Tensor2D, b = wave(4, 7) as tf.Tensor2D, bias = wave(4) as tf.Tensor1D;
  const weights = wave(3, 4);
  const [db, dbias] = inHalf(() =>
    tf.grads((b, bias) => tf.sum(tf.mul(linear(a, b as tf.Tensor2D, bias as tf.Tensor1D), weights)))([
      b,
      bias,
    ])
  );
  const turned = (x: tf.Tensor) => tf.transpose(x).array() as Promise<number[][]>;
  near(db.dataSync(), halfProduct(await turned(weights), await turned(a)));
  deepEqual([...dbias.dataSync()], [...tf.sum(weights, 0).dataSync()]);
  const x = wave(5, 8), gamma = wave(8) as tf.Tensor1D, beta = wave(8) as tf.Tensor1D;
  const norm = () => [...tf.grad((x) => tf.sum(tf.square(layerNorm(x, gamma, beta))))(x).dataSync()];
  deepEqual(inHalf(norm), norm());
});

Deno.test("a value beyond 65,504 becomes infinite in the result, which the loss shows", () => {
  const product = inHalf(() => tf.matMul(tf.fill([2, 2], 7e4), tf.ones([2, 2])));
  deepEqual([...product.dataSync()], [Infinity, Infinity, Infinity, Infinity]);
});

Deno.test("a variable that has changed since the last graph is rounded again", () => {
  const x = tf.variable(tf.fill([2, 2], 1)), one = tf.ones([2, 2]);
  const product = () => inHalf(() => tf.matMul(x, one as tf.Tensor2D)).dataSync()[0];
  equal(product(), 2);
  x.assign(tf.fill([2, 2], 3));
  equal(product(), 6);
});

/** A graph on the CPU that also keeps the operators that were recorded, with their results' types. */
function recorded(): { graph: Graph; ops: string[] } {
  const memory = hostMemory(openDevice("cpu", 1), bufferPool(2 ** 20)), ops: string[] = [];
  const graph = lazyGraph(memory, sessionStore({ count: 8, arenaBytes: 2 ** 20 }), noStats());
  return {
    ops,
    graph: {
      ...graph,
      add(op, inputs, shape, dtype, attributes) {
        ops.push(`${op} ${dtype}`);
        return graph.add(op, inputs, shape, dtype, attributes);
      },
    },
  };
}

const given = (...shape: number[]) =>
  Object.assign(new Value(shape, "float32"), { data: wave(...shape).dataSync() });

/** Records one product of each kind, and returns their results. */
function products(graph: Graph): Value[] {
  const square = given(4, 4), pair = given(2, 4, 4), images = given(2, 4, 1, 6), kernels = given(4, 4, 1, 3);
  const results = [
    graph.add("MatMul", [square, square], [4, 4], "float32"),
    graph.add("Gemm", [square, square, given(4)], [4, 4], "float32"),
    graph.add("FusedMatMul", [pair, pair], [2, 4, 4], "float32", [int("transB", 1)]),
    graph.add("Conv", [images, kernels], [2, 4, 1, 4], "float32"),
    graph.add("ConvTranspose", [images, kernels], [2, 4, 1, 8], "float32", [ints("kernel_shape", [1, 3])]),
    graph.add("MatMul", [square, given(4, 1)], [4, 1], "float32"),
  ];
  for (const result of results) result.refs = 1;
  graph.flush();
  return results;
}

Deno.test("on a device, products compute in 16 bits: one cast for all readers of a value, one behind", () => {
  const plain = recorded(), device = recorded(), cpu = recorded();
  const wanted = products(plain.graph);
  const native = halfProducts(device.graph, { emulated: false });
  const emulating = halfProducts(cpu.graph, { emulated: true });
  const found = native.within(() => products(native.graph));
  const cast = "Cast float16", back = "Cast float32";
  deepEqual(device.ops, [
    ...[cast, "MatMul float16", back],
    ...[cast, "Gemm float16", back],
    ...[cast, "FusedMatMul float16", back],
    ...[cast, cast, "Conv float16", back],
    ...["ConvTranspose float16", back],
    "MatMul float32", // a single column: a sum
  ]);
  const emulated = emulating.within(() => products(emulating.graph));
  wanted.forEach(({ data }, i) =>
    [found, emulated].forEach((results) =>
      data!.forEach((value, k) =>
        ok(Math.abs(results[i].data![k] - value) < 5e-3, `${results[i].data![k]} for ${value}`)
      )
    )
  );
});

Deno.test("outside of half precision the same nodes are recorded, also after it failed", () => {
  const plain = recorded(), wrapped = recorded();
  const { graph, within } = halfProducts(wrapped.graph, { emulated: true });
  const failure = new Error("fails");
  try {
    within(() => {
      throw failure;
    });
  } catch (error) {
    equal(error, failure);
  }
  const wanted = products(plain.graph), found = products(graph);
  deepEqual(wrapped.ops, plain.ops);
  deepEqual(found.map(({ data }) => data), wanted.map(({ data }) => data));
});

import * as tf from "@tensorflow/tfjs-core";
import { deepEqual, equal } from "../../testing/assert.ts";
import { conv1d, groupNorm, hostValues, layerNorm, linear, useEngine } from "../mod.ts";

const wave = (...shape: number[]) =>
  tf.tensor(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(i * i)), shape);

/**
 * Returns the loss and gradients of a small speech model on clips of this length, and the graphs compiled.
 */
async function step(rows: number, length: number) {
  const { stats } = await useEngine({ engine: "onnx", threads: 1 });
  const before = stats().compiles;
  const kernel = tf.variable(wave(6, 1, 3)), weight = tf.variable(wave(6, 6)), gamma = tf.variable(wave(6));
  const beta = tf.variable(wave(6)), variables = [kernel, weight, gamma, beta];
  const { value, grads } = tf.variableGrads(() => {
    const samples = wave(rows, 1, length) as tf.Tensor3D;
    const heard = conv1d(samples, kernel as tf.Variable<tf.Rank.R3>, undefined, { stride: 2 });
    const mask = tf.ones([rows, heard.shape[2]]) as tf.Tensor2D;
    const normed = groupNorm(
      heard,
      mask,
      gamma as tf.Variable<tf.Rank.R1>,
      beta as tf.Variable<tf.Rank.R1>,
      1e-5,
    );
    const states = linear(tf.transpose(normed, [0, 2, 1]), weight as tf.Variable<tf.Rank.R2>);
    const scores = tf.softmax(tf.matMul(states, states, false, true));
    const seen = layerNorm(
      tf.matMul(scores, states),
      gamma as tf.Variable<tf.Rank.R1>,
      beta as tf.Variable<tf.Rank.R1>,
    );
    const halves = tf.concat([tf.slice(seen, [0, 1, 0]), tf.reverse(seen, 1)], 1);
    return tf.sum(tf.square(halves)) as tf.Scalar;
  });
  const all = [value, ...variables.map(({ name }) => grads[name])];
  const numbers: number[][] = [];
  for (const tensor of all) numbers.push([...await hostValues(tensor)]);
  tf.dispose([...all, ...variables]);
  return { numbers, compiles: stats().compiles - before };
}

/** Makes the next graph the first of a new engine. */
const restart = () => useEngine({ engine: "onnx", threads: 2 });

Deno.test("a general graph computes the bits of a graph of one shape, and is compiled once", async () => {
  const shapes = [[2, 40], [2, 64], [3, 40], [3, 90], [1, 23], [2, 40], [5, 31]] as const;
  await restart();
  const together = [];
  for (const [rows, length] of shapes) together.push(await step(rows, length));
  for (const [i, [rows, length]] of shapes.entries()) {
    await restart();
    deepEqual((await step(rows, length)).numbers, together[i].numbers);
  }
  const compiles = together.map(({ compiles }) => compiles);
  equal(compiles[0], 1);
  equal(compiles[1], 1);
  equal(compiles[5], 0);
  equal(compiles[6], 0);
});

const WIDE = 2 ** 18, weights = wave(WIDE, 16).dataSync();

/** Returns the product of a few rows with many weights, which is planned, and the graphs compiled. */
async function wide(rows: number) {
  const { stats } = await useEngine({ engine: "onnx", threads: 1 }), before = stats().compiles;
  const product = tf.tidy(() => {
    const x = tf.tensor2d(weights.subarray(0, rows * WIDE), [rows, WIDE]);
    return tf.matMul(tf.tanh(x), tf.tensor2d(weights, [WIDE, 16]));
  });
  const numbers = [...await hostValues(product)];
  product.dispose();
  return { numbers, compiles: stats().compiles - before };
}

Deno.test("eight shapes of a large graph have one graph each, and more share a general one", async () => {
  await restart();
  const lengths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 3, 12], together = [];
  for (const rows of lengths) together.push(await wide(rows));
  deepEqual(together.map(({ compiles }) => compiles), [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]);
  for (const [i, rows] of lengths.entries()) {
    await restart();
    deepEqual((await wide(rows)).numbers, together[i].numbers);
  }
});

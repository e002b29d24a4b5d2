/** Graphs recorded at some sizes equal plain TensorFlow.js at other sizes. */
import * as tf from "@tensorflow/tfjs-core";
import { conv1d, type Feed, hostValuesSync, layerNorm, toTensor, useEngine } from "../mod.ts";
import type { Params } from "../../nn/mod.ts";
import { MICROSOFT, traceStep } from "../onnx/mod.ts";
import { random } from "../../random.ts";
import { deepEqual, ok, throws } from "../../testing/assert.ts";
import { graphOf, type Port } from "./graph.ts";
import { encodeModelFile } from "../../export/model_file.ts";
import { alignTraces } from "./aligned_traces.ts";
import { STANDARD } from "./standard.ts";
import { difference, outputOf } from "../../export/testing.ts";

type Step = (x: tf.Tensor3D, weights: Params) => tf.Tensor;

const WIDTH = 6;
const inputs: Port[] = [{ name: "x", type: "float32", axes: ["batch", "length", WIDTH] }];
const { normal } = random(5);
const numbers = (...shape: number[]) => Float32Array.from({ length: shape.reduce((a, b) => a * b) }, normal);
const feedOf = (batch: number, length: number): Feed => ({
  x: { data: numbers(batch, length, WIDTH), shape: [batch, length, WIDTH] },
});
const weights = (): Params => ({
  "linear.weight": tf.variable(tf.tensor(matrix, [WIDTH, WIDTH])),
  "conv.weight": tf.variable(tf.tensor(taps, [4, WIDTH, 3])),
});
const matrix = numbers(WIDTH, WIDTH), taps = numbers(4, WIDTH, 3);
const SIZES = [[5, 257], [11, 409], [7, 331], [13, 283], [17, 521], [8, 367]];

function bytesOf(step: Step, sizes = SIZES): Uint8Array {
  const params = weights(), feeds = sizes.map(([batch, length]) => feedOf(batch, length));
  const traces = feeds.map((feed) =>
    traceStep(({ x }) => ({ y: tf.reshape(step(x as tf.Tensor3D, params), [-1]) }), feed, params)
  );
  const graph = graphOf(alignTraces(traces), inputs, feeds, (name) => hostValuesSync(params[name]));
  tf.dispose(params);
  const outputs: Port[] = [{ name: "y", type: "float32", axes: ["numbers"] }];
  return encodeModelFile(graph, { inputs, outputs, metadata: {}, at: "the test" });
}

const steps: Record<string, Step> = {
  "products with transposed factors": (x, w) => {
    const y = tf.reshape(tf.matMul(tf.reshape(x, [-1, WIDTH]), w["linear.weight"]), x.shape);
    return tf.sum(tf.matMul(tf.matMul(x, y, false, true), x, true, false));
  },
  "heads apart and together again": (x) => {
    const [batch, length] = x.shape;
    const heads = tf.transpose(tf.reshape(x, [batch, length, 2, 3]), [0, 2, 1, 3]);
    const mixed = tf.matMul(tf.softmax(tf.matMul(heads, heads, false, true)), heads);
    return tf.mean(tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch, length, WIDTH]), [1, 2]);
  },
  "ranges, fills, and numbers by lengths": (x) => {
    const [batch, length] = x.shape;
    const places = tf.reshape(tf.range(-length, length, 2), [1, length, 1]);
    const sum = tf.mul(tf.add(x, places), tf.ones([batch, length, 1]));
    return tf.max(tf.div(sum, tf.scalar(length)), 1);
  },
  "cuts, padding, tiles and joints": (x) => {
    const [batch, length] = x.shape;
    const padded = tf.pad(x, [[0, 0], [2, length - 1], [0, 0]]);
    const tail = tf.slice(padded, [0, length - 1, 0], [batch, 3, WIDTH]);
    return tf.max(tf.concat([x, tail, tf.tile(tail, [1, 2, 1]), tf.reverse(x, 1)], 1), 1);
  },
  "convolutions, whose lengths only they know": (x, w) => {
    const y = conv1d(tf.transpose(x, [0, 2, 1]), w["conv.weight"] as unknown as tf.Tensor3D, undefined, {
      stride: 2,
    });
    const [batch, channels, count] = y.shape;
    const normed = layerNorm(tf.transpose(y, [0, 2, 1]), tf.ones([channels]), tf.zeros([channels]));
    const placed = tf.mul(normed, tf.reshape(tf.range(0, count), [1, count, 1]));
    return tf.max(tf.reshape(placed, [batch, count * channels]), 1);
  },
};

for (const [what, step] of Object.entries(steps)) {
  Deno.test(`${what}, at any size`, async () => {
    await useEngine({ engine: "onnx" });
    const bytes = bytesOf(step);
    await useEngine({ engine: "cpu" });
    const params = weights();
    for (const [batch, length] of [[1, 4], [2, 33], [6, 258], [3, 701]]) {
      const feed = feedOf(batch, length);
      const expected = tf.tidy(() =>
        step(toTensor(feed.x) as tf.Tensor3D, params).dataSync()
      ) as Float32Array;
      const scale = expected.reduce((most, y) => Math.max(most, Math.abs(y)), 1);
      const off = difference(await outputOf(bytes, feed), expected) / scale;
      ok(off < 1e-5, `${batch} x ${length}: ${off}`);
    }
    tf.dispose(params);
  });
}

Deno.test("a graph whose operations change with the size is refused", async () => {
  await useEngine({ engine: "onnx" });
  throws(
    () => bytesOf((x) => x.shape[1] > 300 ? tf.exp(x) : tf.tanh(x)),
    /node 0, Exp, changes|node 0, Tanh, changes/,
  );
  throws(
    () => bytesOf((x) => x.shape[1] > 300 ? tf.exp(x) : tf.exp(tf.neg(x))),
    /changes with its inputs' sizes/,
  );
  throws(
    () => bytesOf((x) => tf.mul(x, tf.scalar(Math.floor(x.shape[1] / 2)))),
    /the numbers 128, 204, 165/,
  );
  const odd = (length: number) => Float32Array.from({ length }, (_, i) => i * i);
  throws(
    () => bytesOf((x) => tf.mul(x, tf.tensor(odd(x.shape[1]), [x.shape[1], 1]))),
    /the numbers 257, 409/,
  );
});

Deno.test("a graph holds each weight once, under its name, and only standard operators", async () => {
  await useEngine({ engine: "onnx" });
  const { default: { onnx: { ModelProto } } } = await import("onnx-proto");
  const { graph, opsetImport } = ModelProto.decode(bytesOf((x, w) => {
    const twice = tf.matMul(tf.reshape(x, [-1, WIDTH]), tf.matMul(w["linear.weight"], w["linear.weight"]));
    return tf.matMul(tf.reshape(twice, x.shape), x, false, true);
  }));
  deepEqual(graph!.initializer!.filter(({ dataType }) => dataType === 1).map(({ name }) => name), [
    "linear.weight",
  ]);
  deepEqual([...new Set(graph!.node!.map(({ domain }) => domain))], [""]);
  deepEqual(graph!.node!.filter(({ opType }) => MICROSOFT.has(opType!)), []);
  deepEqual(opsetImport!.map(({ domain }) => domain), [""]);
});

Deno.test("each operator that only ONNX Runtime knows has a standard replacement", () => {
  deepEqual(Object.keys(STANDARD).sort(), [...MICROSOFT].sort());
});

import * as tf from "@tensorflow/tfjs-core";
import { deepEqual, equal } from "../testing/assert.ts";
import { embedding, ENGINES, useEngine } from "../compute/mod.ts";
import { dropoutKeys } from "../nn/mod.ts";
import { testWith } from "../testing/needs.ts";
import { type BatchFeed, gradientStep, type MicroBatch } from "./gradients.ts";

const microBatch = (fed: BatchFeed): MicroBatch => ({
  feed: () => fed,
  context: { training: true, dropout: dropoutKeys(0, 0) },
});

for (const engine of ENGINES) {
  testWith(
    engine,
    `sums gradients, losses and weights over batches; unused parameters are absent; nothing leaks, on ${engine}`,
    async () => {
      await useEngine({ engine });
      const params = {
        a: tf.variable(tf.tensor1d([1, 2])),
        b: tf.variable(tf.tensor1d([3, 4])),
        idle: tf.variable(tf.scalar(1)),
      };
      const made = tf.memory().numTensors;
      const into = { a: new Float32Array(2), b: new Float32Array(2), idle: new Float32Array(1) };
      /** A loss with d/da = d/db = `factor`. One tensor is the gradient of both. */
      const step = gradientStep(
        ({ factor }) => tf.mul(tf.sum(tf.add(params.a, params.b)), factor) as tf.Scalar,
        { params, training: params, into },
      );
      for (
        const [factors, expected] of [[[3], 3], [[3, 5, -1], 7], [[2], 2], [[1], 1], [[1, 1], 2]] as const
      ) {
        const batches = factors.map((factor) => ({
          inputs: { factor: { data: Float32Array.of(factor), shape: [] } },
          weight: 2,
        }));
        const { gradients, loss, weight } = await step.run(batches.map(microBatch));
        deepEqual([...gradients], [
          ["a", Float32Array.of(expected, expected)],
          ["b", Float32Array.of(expected, expected)],
        ]);
        equal(gradients.get("a"), into.a);
        equal(loss, 10 * expected);
        equal(weight, 2 * factors.length);
      }
      step.dispose();
      equal(tf.memory().numTensors, made);
    },
  );
}

for (const engine of ENGINES) {
  testWith(
    engine,
    `gradients of looked up rows are in the table's, and nothing of the last step's is, on ${engine}`,
    async () => {
      await useEngine({ engine });
      const params = { table: tf.variable(tf.ones([5, 2])) }, into = { table: new Float32Array(10) };
      const step = gradientStep(
        ({ ids, by }) => tf.sum(tf.mul(embedding(params.table, ids), by)) as tf.Scalar,
        { params, training: params, into },
      );
      const fed = (ids: number[], by: number) => ({
        inputs: {
          ids: { data: Int32Array.from(ids), shape: [ids.length] },
          by: { data: Float32Array.of(by), shape: [] },
        },
        weight: 1,
      });
      for (
        const batches of [[fed([1, 3], 1)], [fed([3, 3], 2)], [fed([0, 4], 3)], [
          fed([1, 1], 1),
          fed([4, 2], 5),
        ]]
      ) {
        const { gradients, rows } = await step.run(batches.map(microBatch));
        const expected = new Array(5).fill(0);
        for (const { inputs: { ids, by } } of batches) ids.data.forEach((id) => expected[id] += by.data[0]);
        deepEqual([...gradients.get("table")!], expected.flatMap((v) => [v, v]));
        const read = batches.flatMap(({ inputs: { ids } }) => [...ids.data]);
        deepEqual([...rows.get("table")!], [0, 1, 2, 3, 4].filter((row) => read.includes(row)));
      }
      step.dispose();
      deepEqual(into.table, new Float32Array(10));
      params.table.dispose();
    },
  );
}

for (const engine of ENGINES) {
  testWith(
    engine,
    `the graph sums the squares of a large gradient of a single batch, on ${engine}`,
    async () => {
      await useEngine({ engine });
      const params = { large: tf.variable(tf.zeros([256, 256])), small: tf.variable(tf.zeros([2])) };
      const into = { large: new Float32Array(256 * 256), small: new Float32Array(2) };
      const step = gradientStep(
        ({ by }) => tf.add(tf.sum(tf.mul(params.large, by)), tf.sum(params.small)) as tf.Scalar,
        { params, training: params, into },
      );
      const by = Float32Array.from({ length: 256 * 256 }, (_, i) => i % 5);
      const fed = { inputs: { by: { data: by, shape: [256, 256] } }, weight: 1 };
      for (let call = 0; call < 3; call++) {
        const { squares } = await step.run([microBatch(fed)]);
        deepEqual([...squares], [["large", by.reduce((sum, x) => sum + x * x, 0)]]);
      }
      equal((await step.run([microBatch(fed), microBatch(fed)])).squares.size, 0);
      for (const extreme of [1e20, 1e-30]) { // their squares are no float32 numbers
        const far = { data: by.map((x) => x * extreme), shape: [256, 256] };
        equal((await step.run([microBatch({ inputs: { by: far }, weight: 1 })])).squares.size, 0);
      }
      step.dispose();
      tf.dispose(Object.values(params));
    },
  );
}

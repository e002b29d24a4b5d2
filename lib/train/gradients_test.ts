import * as tf from "@tensorflow/tfjs-core";
import { deepEqual, equal } from "../testing/assert.ts";
import { dropoutKeys, useEngine } from "../compute/mod.ts";
import { enginesHere } from "../testing/engines.ts";
import { gradientStep } from "./gradients.ts";

for (const engine of enginesHere) {
  Deno.test(`sums gradients, losses and weights over batches; what took no part is absent; nothing leaks, on ${engine}`, async () => {
    await useEngine({ engine });
    const params = {
      a: tf.variable(tf.tensor1d([1, 2])),
      b: tf.variable(tf.tensor1d([3, 4])),
      idle: tf.variable(tf.scalar(1)),
    };
    const made = tf.memory().numTensors;
    const into = { a: new Float32Array(2), b: new Float32Array(2), idle: new Float32Array(1) };
    /** d/da = d/db = `factor`, from one tensor that both share. */
    const step = gradientStep(
      ({ factor }) => tf.mul(tf.sum(tf.add(params.a, params.b)), factor) as tf.Scalar,
      { params, training: params, into },
    );
    for (const [factors, expected] of [[[3], 3], [[3, 5, -1], 7], [[2], 2], [[1], 1], [[1, 1], 2]] as const) {
      const batches = factors.map((factor) => ({
        inputs: { factor: { data: Float32Array.of(factor), shape: [] } },
        weight: 2,
      }));
      const contexts = factors.map(() => ({ training: true, dropout: dropoutKeys(0, 0) }));
      const { gradients, loss, weight } = await step.run(batches, contexts);
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
  });
}

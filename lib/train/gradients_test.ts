import * as tf from "@tensorflow/tfjs-core";
import { deepEqual, equal } from "../testing/assert.ts";
import { useEngine } from "../compute/mod.ts";
import { gradientsOf } from "./gradients.ts";

await useEngine({ engine: "cpu" });

Deno.test("sums gradients, losses and weights over batches; what took no part is absent; nothing leaks", async () => {
  const params = {
    a: tf.variable(tf.tensor1d([1, 2])),
    b: tf.variable(tf.tensor1d([3, 4])),
    idle: tf.variable(tf.scalar(1)),
  };
  const made = tf.memory().numTensors;
  /** d/da = d/db = `factor`, from one tensor that both share. */
  const loss = (factor: number) => () => ({
    sum: tf.mul(tf.sum(tf.add(params.a, params.b)), factor) as tf.Scalar,
    weight: 2,
  });
  for (const [losses, expected] of [[[loss(3)], 3], [[loss(3), loss(5), loss(-1)], 7]] as const) {
    using step = await gradientsOf(params, losses);
    deepEqual([...step.gradients], [
      ["a", Float32Array.of(expected, expected)],
      ["b", Float32Array.of(expected, expected)],
    ]);
    equal(step.loss, 10 * expected);
    equal(step.weight, 2 * losses.length);
  }
  equal(tf.memory().numTensors, made);
});

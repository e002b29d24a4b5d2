/** Lookups find the right rows, and their gradients add up to the gradient of the table. */
import * as tf from "@tensorflow/tfjs-core";
import { deepEqual, equal } from "../../testing/assert.ts";
import { testWith } from "../../testing/needs.ts";
import { embedding, ENGINES, gradientsOf, useEngine } from "../mod.ts";

const numbers = (x: tf.Tensor) => [...x.dataSync()];

for (const engine of ENGINES) {
  testWith(
    engine,
    `rows looked up again and again, in two lookups and beside another use, on ${engine}`,
    async () => {
      await useEngine({ engine });
      const table = tf.variable(tf.tensor2d([[1, 2], [3, 4], [5, 6], [7, 8]])),
        bias = tf.variable(tf.scalar(2));
      const before = tf.memory().numTensors;
      const a = tf.tensor2d([[1, 3], [3, 0]], [2, 2], "int32"), b = tf.tensor1d([3], "int32");
      const loss = (find: typeof embedding, whole: number) => () =>
        tf.tidy(() => {
          const first = tf.sum(tf.square(find(table, a))), second = tf.sum(tf.mul(find(table, b), 10));
          return tf.add(tf.add(first, second), tf.mul(tf.sum(table), tf.mul(bias, whole))) as tf.Scalar;
        });
      for (const whole of [0, 1]) {
        const expected = tf.variableGrads(loss((table, ids) => tf.gather(table, ids as tf.Tensor1D), whole));
        const { value, gradients, lookups } = gradientsOf(loss(embedding, whole), [bias, table]);
        deepEqual(numbers(value), numbers(expected.value));
        deepEqual(numbers(gradients[0]!), numbers(expected.grads[bias.name]));
        const sum = numbers(gradients[1] ?? tf.zeros([8]));
        for (const { variable, ids, gradient } of lookups) {
          equal(variable, 1);
          const rows = numbers(gradient);
          numbers(ids).forEach((id, row) => [0, 1].forEach((i) => sum[2 * id + i] += rows[2 * row + i]));
        }
        deepEqual(sum, numbers(expected.grads[table.name]));
        tf.dispose([value, gradients.filter((g) => g), lookups, expected] as unknown as tf.TensorContainer);
      }
      tf.dispose([a, b]);
      equal(tf.memory().numTensors, before);
      tf.dispose([table, bias]);
    },
  );

  testWith(
    engine,
    `without a listener, and of a table that does not train, a lookup is a gather, on ${engine}`,
    async () => {
      await useEngine({ engine });
      const table = tf.variable(tf.tensor2d([[1, 2], [3, 4]])), w = tf.variable(tf.scalar(3));
      const ids = tf.tensor1d([1, 1], "int32");
      deepEqual(numbers(embedding(table, ids)), [3, 4, 3, 4]);
      const dense = tf.variableGrads(() => tf.sum(embedding(table, ids)), [table]).grads[table.name];
      deepEqual(numbers(dense), [0, 0, 2, 2]);
      const { gradients, lookups } = gradientsOf(() => tf.sum(tf.mul(embedding(table, ids), w)), [w]);
      deepEqual(numbers(gradients[0]!), [14]);
      equal(lookups.length, 0);
      tf.dispose([table, w, ids, dense, gradients[0]!]);
    },
  );
}

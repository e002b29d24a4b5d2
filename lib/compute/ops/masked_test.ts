/**
 * Padding changes nothing and gets no gradient; a row without real positions gives 0. (Values:
 * gradients_test.ts.)
 */
import * as tf from "@tensorflow/tfjs-core";
import * as assert from "../../testing/assert.ts";
import { testWith } from "../../testing/needs.ts";
import { random } from "../../random.ts";
import { ENGINES, maskedMax, maskedMean, maskedMin, maskedSoftmax, useEngine } from "../mod.ts";

const MASK = [[1, 1, 0, 1], [0, 0, 0, 0], [1, 0, 0, 0]];
const SHAPE: [number, number, number] = [3, 4, 5];

type Op = (x: tf.Tensor3D, mask: tf.Tensor2D) => tf.Tensor;
const ops: Record<string, Op> = {
  maskedMean,
  maskedMax,
  maskedMin,
  "maskedSoftmax over time": (x, mask) => maskedSoftmax(x, tf.expandDims(mask, 2), 1),
  "maskedSoftmax over keys": (x, mask) => maskedSoftmax(tf.transpose(x, [0, 2, 1]), tf.expandDims(mask, 1)),
};

/** Normally distributed numbers at real positions, `filler` at padding. */
function padded(filler: number): Float32Array {
  const { normal } = random(1);
  const real = (i: number) => MASK.flat()[Math.floor(i / SHAPE[2])] === 1;
  return Float32Array.from({ length: 60 }, (_, i) => {
    const value = normal();
    return real(i) ? value : filler;
  });
}

function run(op: Op, values: Float32Array): number[][] {
  const made = tf.tidy(() => {
    const { value, grad } = tf.valueAndGrad((x) =>
      tf.sum(tf.square(op(x as tf.Tensor3D, tf.tensor2d(MASK))))
    )(
      tf.tensor3d(values, SHAPE),
    );
    return [op(tf.tensor3d(values, SHAPE), tf.tensor2d(MASK)), grad, value];
  });
  const numbers = made.map((t) => Array.from(t.dataSync(), (value) => value + 0)); // + 0 turns -0 into 0
  tf.dispose(made);
  return numbers;
}

for (const engine of ENGINES) {
  for (const [name, op] of Object.entries(ops)) {
    testWith(engine, `${name} ignores padding on ${engine}`, async () => {
      await useEngine({ engine });
      const expected = run(op, padded(0));
      for (const filler of [1e20, -1e20, 3]) assert.deepEqual(run(op, padded(filler)), expected);
      const [output, gradient] = expected;
      assert.ok(output.every(Number.isFinite));
      const row = output.length / SHAPE[0];
      assert.ok(output.slice(row, 2 * row).every((v) => v === 0), "a row with nothing valid is not 0");
      const atPadding = gradient.filter((_, i) => MASK.flat()[Math.floor(i / SHAPE[2])] === 0);
      assert.ok(atPadding.every((v) => v === 0), "padding has a gradient");
      assert.ok(gradient.some((v) => v !== 0));
    });
  }
}

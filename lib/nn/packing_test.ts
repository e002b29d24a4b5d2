import * as tf from "@tensorflow/tfjs-core";
import { ENGINES, toTensors, useEngine } from "../compute/mod.ts";
import { random } from "../random.ts";
import { deepEqual, equal, ok } from "../testing/assert.ts";
import { testWith } from "../testing/needs.ts";
import { packed, type Packing, packingOf, unpacked } from "./packing.ts";

/** Masks of rows with these numbers of real positions, at any place. */
function maskOf(lengths: readonly number[], length: number, draw = random(1)): Float32Array {
  const mask = new Float32Array(lengths.length * length);
  for (const [row, real] of lengths.entries()) {
    const places = draw.shuffle(Array.from({ length }, (_, i) => i)).slice(0, real);
    for (const place of places) mask[row * length + place] = 1;
  }
  return mask;
}

Deno.test("real positions and the first of each row are kept, in order, with some padding", async () => {
  await useEngine();
  for (const lengths of [[0], [1], Array(30).fill(33), [3, 40, 17], [0, 0, 0], [40, 40], [16], [17, 0, 15]]) {
    const mask = maskOf(lengths, 40), { kept, places } = packingOf(mask, 40);
    const needed = mask.filter((m, position) => m || position % 40 === 0).length, count = kept.data.length;
    ok(count >= needed && count < needed + Math.max(16, needed / 4 + 1));
    deepEqual([...kept.data], [...new Set(kept.data)].sort((a, b) => a - b));
    mask.forEach((m, position) => {
      const at = kept.data[places.data[position]];
      if (m) equal(at, position);
      equal(Math.floor(at / 40), Math.floor(position / 40), "of its own row");
    });
  }
});

for (const engine of ENGINES) {
  testWith(engine, `packed states give the values and gradients of padded ones on ${engine}`, async () => {
    await useEngine({ engine });
    const draw = random(2), shape: [number, number, number] = [4, 20, 6];
    const data = maskOf([20, 3, 0, 9], 20, draw), mask = tf.tensor2d(data, [4, 20]);
    const numbers = () => tf.tensor3d(Float32Array.from({ length: 480 }, draw.normal), shape);
    const x = tf.variable(numbers()), factor = tf.mul(numbers(), tf.expandDims(mask, 2));
    const packing = toTensors(packingOf(data, 20)) as unknown as Packing;
    const by = (states: (x: tf.Tensor3D) => tf.Tensor3D) => {
      const { value, grads } = tf.variableGrads(() => tf.sum(tf.mul(states(x), factor)) as tf.Scalar, [x]);
      return [...value.dataSync(), ...grads[x.name].dataSync()];
    };
    const plain = by((x) => tf.tanh(x));
    const found = by((x) => unpacked(tf.tanh(packed(x, packing, mask)), packing, mask));
    ok(plain.some((number) => number !== 0));
    plain.forEach((number, i) =>
      ok(Math.abs(number - found[i]) <= 1e-6 * Math.max(1, Math.abs(number)), `${i}`)
    );
    tf.dispose([x, factor, mask, packing]);
  });
}

import * as tf from "@tensorflow/tfjs-core";
import * as assert from "../testing/assert.ts";
import { useEngine } from "../compute/mod.ts";
import { dropout, dropoutKeys } from "./mod.ts";

const training = (seed: number, step: number) => ({ training: true, dropout: dropoutKeys(seed, step) });

Deno.test("dropout zeroes a share of the values and keeps their mean", async () => {
  await useEngine({ engine: "cpu" });
  for (const rate of [0.1, 0.5, 0.9]) {
    const values = tf.tidy(() => dropout(tf.ones([300, 101]), rate, training(1, 2)).dataSync());
    const zeros = values.filter((v) => v === 0).length / values.length;
    assert.ok(Math.abs(zeros - rate) < 0.01, `${zeros} of them are 0`);
    const kept = Math.max(...values);
    assert.ok(values.every((v) => v === 0 || v === kept));
    assert.ok(Math.abs(kept - 1 / (1 - rate)) < 1e-3);
  }
});

Deno.test("a mask depends on seed, step and call, and on nothing else", async () => {
  await useEngine({ engine: "cpu" });
  const mask = (context = training(1, 1)) => tf.tidy(() => dropout(tf.ones([64]), 0.5, context).dataSync());
  const twice = training(1, 1);
  assert.deepEqual(mask(twice), mask());
  for (const other of [mask(twice), mask(training(2, 1)), mask(training(1, 2))]) {
    assert.notDeepEqual(other, mask());
  }
});

Deno.test("outside training, and at rate 0, nothing is dropped", async () => {
  await useEngine({ engine: "cpu" });
  const x = tf.ones([4]);
  assert.equal(dropout(x, 0.5, { ...training(1, 1), training: false }), x);
  assert.equal(dropout(x, 0, training(1, 1)), x);
  x.dispose();
});

Deno.test("an axis drawn as 1 falls or stays as a whole", async () => {
  await useEngine({ engine: "cpu" });
  const values = tf.tidy(() =>
    dropout(tf.ones<tf.Rank.R3>([3, 5, 40]), 0.5, training(1, 1), [3, 1, 40]).arraySync()
  ) as number[][][];
  for (const row of values) for (const position of row) assert.deepEqual(position, row[0]);
  const dropped = values.flatMap((row) => row[0]).filter((v) => v === 0).length;
  assert.ok(dropped > 30 && dropped < 90);
});

import * as tf from "@tensorflow/tfjs-core";
import { type HostTensor, useEngine } from "../../../compute/mod.ts";
import { deepEqual, equal, ok } from "../../../testing/assert.ts";
import { tinySpeech } from "../../../testing/tiny_encoders.ts";
import { framesOf } from "./frames.ts";
import { masksOf, maskTensors, normalised, normalisedTensor, padded } from "./waveform.ts";

const { config } = tinySpeech("tiny-wav2vec2");

Deno.test("an utterance is normalised over its own samples", () => {
  const samples = Float32Array.from({ length: 1001 }, (_, i) => 0.3 + 0.01 * Math.sin(i * i));
  const out = normalised(samples);
  const mean = out.reduce((sum, x) => sum + x, 0) / out.length;
  const power = out.reduce((sum, x) => sum + x * x, 0) / out.length;
  ok(Math.abs(mean) < 1e-6 && Math.abs(power - 1) < 5e-3, `${mean}, ${power}`); // the variance is 5e-5, so EPSILON matters
  ok(Math.abs((out[7] - out[0]) / (samples[7] - samples[0]) * Math.sqrt(5e-5 + 1e-7) - 1) < 0.05);
  deepEqual([...normalised(new Float32Array(3))], [0, 0, 0]);
  equal(normalised(new Float32Array(0)).length, 0);
});

/** Counts the real positions of each row; they come first. */
const own = ({ data, shape: [rows, length] }: HostTensor) =>
  Array.from({ length: rows }, (_, b) => {
    const row = data.subarray(b * length, (b + 1) * length), count = row.indexOf(0);
    ok(row.every((m, t) => m === (t < count ? 1 : 0)));
    return count;
  });

Deno.test("rows are padded to a common length that holds every sample, and have a frame at least", () => {
  const rows = [0, 3, 333, 640].map((length) => new Float32Array(length).fill(1));
  const { samples, mask, firstMask } = padded(rows, config);
  const [batch, length] = samples.shape, values = samples.data;
  equal(batch, 4);
  equal(framesOf(length, config), 32);
  // Kernels 10, 3, 2 with strides 5, 2, 2 cover 30 samples; the first two rows are padded to that length.
  deepEqual(own(mask), [1, 1, 16, 31]);
  deepEqual(own(firstMask), [5, 5, 65, 127]);
  rows.forEach((row, b) => {
    const padded = values.subarray(b * length, (b + 1) * length);
    ok(padded.every((x, i) => x === (i < row.length ? 1 : 0)), `row ${b}`);
  });
});

Deno.test("masks and normalisation in a graph equal those outside it", async () => {
  await useEngine({ engine: "cpu" });
  const lengths = Array.from({ length: 640 - 30 }, (_, i) => 30 + i);
  const inside = maskTensors(tf.tensor1d(lengths), 640, config), outside = masksOf(lengths, 640, config);
  for (const name of ["mask", "firstMask"] as const) {
    deepEqual(inside[name].shape, [...outside[name].shape]);
    deepEqual([...await inside[name].data()], [...outside[name].data]);
  }
  const row = Float32Array.from({ length: 1001 }, (_, i) => 0.3 + 0.01 * Math.sin(i * i));
  const samples = tf.tensor2d([...row, 0, 0, 0, 0], [1, 1005]);
  const mask = tf.tensor2d([...new Float32Array(1001).fill(1), 0, 0, 0, 0], [1, 1005]);
  const actual = await normalisedTensor(samples, mask).data(), expected = [...normalised(row), 0, 0, 0, 0];
  ok(actual.every((x, i) => Math.abs(x - expected[i]) < 1e-4)); // values are about 1, summed in float32
});

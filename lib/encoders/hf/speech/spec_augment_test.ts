import * as tf from "@tensorflow/tfjs-core";
import { disposeParams, dropoutKeys, useEngine } from "../../../compute/mod.ts";
import { random } from "../../../random.ts";
import { deepEqual, equal, notDeepEqual, ok } from "../../../testing/assert.ts";
import { fixture } from "../../../testing/shared.ts";
import { readSpeechConfig } from "./config.ts";
import { spans, specAugment } from "./spec_augment.ts";

const { config: given } = await readSpeechConfig(fixture("encoders/tiny-wav2vec2"));
const config = { ...given, apply_spec_augment: true, mask_time_prob: 0.4, mask_time_length: 3 };
await useEngine({ engine: "cpu" });

const runsOf = (mask: Float32Array) =>
  [...mask].join("").split("0").filter((run) => run).map(({ length }) => length);

Deno.test("spans have their length, their share, and their least number", () => {
  let masked = 0;
  for (let seed = 0; seed < 200; seed++) {
    const mask = spans(400, 10, 0.05, 0, random(seed));
    ok(runsOf(mask).every((length) => length >= 10));
    masked += mask.reduce((sum, m) => sum + m, 0);
  }
  // 2 spans of 10 among 400, of which few overlap.
  ok(masked / 200 > 19 && masked / 200 <= 20, `${masked / 200}`);
  let some = 0;
  for (let seed = 0; seed < 400; seed++) some += spans(100, 10, 0.05, 0, random(seed)).includes(1) ? 1 : 0;
  ok(Math.abs(some / 400 - 0.5) < 0.1, `half a span is one half of the time: ${some / 400}`);
  const [two] = [spans(100, 10, 0, 2, random(1))];
  ok(runsOf(two).reduce((a, b) => a + b) > 10);
});

Deno.test("spans never leave their row, and a row too short for one has none", () => {
  for (const length of [0, 1, 9, 10, 11, 25]) {
    const mask = spans(length, 10, 0.9, 5, random(length));
    equal(mask.length, length);
    equal(mask.includes(1), length >= 10);
  }
});

Deno.test("training sees the embedding and silence in the masked places, evaluation everything", async () => {
  const x = tf.ones([2, 12, 6]) as tf.Tensor3D;
  const params = { masked_spec_embed: tf.variable(tf.fill([6], 5)) };
  const both = { ...config, mask_feature_prob: 0.5, mask_feature_length: 2, mask_feature_min_masks: 1 };
  const seen = async (frames: number[], training: boolean, seed: number, how = both) => {
    const y = tf.tidy(() => specAugment(params, x, frames, how, { training, dropout: dropoutKeys(seed, 1) }));
    return [...await y.data()];
  };
  deepEqual(await seen([12, 7], false, 1), [...await x.data()]);
  deepEqual(await seen([12, 7], true, 1, { ...both, apply_spec_augment: false }), [...await x.data()]);
  const once = await seen([12, 7], true, 1);
  deepEqual(await seen([12, 7], true, 1), once);
  notDeepEqual(await seen([12, 7], true, 2), once);
  // The second row does not change what the first one sees.
  deepEqual((await seen([12, 3], true, 1)).slice(0, 72), once.slice(0, 72));
  const frame = (row: number, t: number) => once.slice((row * 12 + t) * 6, (row * 12 + t + 1) * 6);
  for (let row = 0; row < 2; row++) {
    const silent = [0, 1, 2, 3, 4, 5].filter((d) => frame(row, 0)[d] === 0);
    ok(silent.length >= 2 && silent.length < 6, `${silent}`);
    let masked = 0;
    for (let t = 0; t < 12; t++) {
      const values = new Set(frame(row, t).filter((_, d) => !silent.includes(d)));
      equal(values.size, 1);
      ok(silent.every((d) => frame(row, t)[d] === 0));
      if (values.has(5)) masked++;
      if (row === 1 && t >= 7) ok(values.has(1), "padding is not masked");
    }
    ok(masked >= 3 && masked < 12, `${masked}`);
  }
  x.dispose();
  disposeParams(params);
});

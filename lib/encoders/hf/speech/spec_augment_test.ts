import * as tf from "@tensorflow/tfjs-core";
import { disposeParams, dropoutKeys, useEngine } from "../../../compute/mod.ts";
import { deepEqual, equal, notDeepEqual, ok } from "../../../testing/assert.ts";
import { fixture } from "../../../testing/shared.ts";
import { readSpeechConfig } from "./config.ts";
import { type Spans, spans, specAugment } from "./spec_augment.ts";

const { config: given } = await readSpeechConfig(fixture("encoders/tiny-wav2vec2"));
const config = { ...given, apply_spec_augment: true, mask_time_prob: 0.4, mask_time_length: 3 };
await useEngine({ engine: "cpu" });

const runsOf = (mask: number[]) => mask.join("").split("0").filter((run) => run).map(({ length }) => length);

/** A row of its own for each seed's spans, over its first `own` positions. */
async function drawnSpans(own: number[], length: number, how: Spans, seed = 1) {
  const context = { training: true, dropout: dropoutKeys(seed, 1) };
  const masks = tf.tidy(() => spans(tf.tensor1d(own), length, how, context)), values = await masks.array();
  masks.dispose();
  return values;
}

Deno.test("spans have their length, their share, and their least number", async () => {
  let masked = 0;
  for (const mask of await drawnSpans(Array(200).fill(400), 400, { span: 10, share: 0.05, fewest: 0 })) {
    ok(runsOf(mask).every((length) => length >= 10));
    masked += mask.reduce((sum, m) => sum + m, 0);
  }
  // 2 spans of 10 among 400, of which few overlap.
  ok(masked / 200 > 19 && masked / 200 <= 20, `${masked / 200}`);
  const some = (await drawnSpans(Array(400).fill(100), 110, { span: 10, share: 0.05, fewest: 0 }))
    .filter((mask) => mask.includes(1)).length;
  ok(Math.abs(some / 400 - 0.5) < 0.1, `half a span is one half of the time: ${some / 400}`);
  const [two] = await drawnSpans([100], 100, { span: 10, share: 0, fewest: 2 });
  ok(runsOf(two).reduce((a, b) => a + b) > 10);
});

Deno.test("spans start anywhere alike", async () => {
  const starts = (await drawnSpans(Array(2000).fill(20), 24, { span: 3, share: 0, fewest: 1 }))
    .map((mask) => mask.indexOf(1));
  for (let start = 0; start < 18; start++) {
    const share = starts.filter((s) => s === start).length / 2000;
    ok(Math.abs(share - 1 / 18) < 0.02, `${start}: ${share}`);
  }
});

Deno.test("spans never leave their row, and a row too short for one has none", async () => {
  const own = [0, 1, 9, 10, 11, 25], masks = await drawnSpans(own, 32, { span: 10, share: 0.9, fewest: 5 });
  for (const [row, mask] of masks.entries()) {
    equal(mask.slice(0, own[row]).includes(1), own[row] >= 10);
    equal(mask.slice(own[row]).includes(1), false);
  }
});

Deno.test("training sees the embedding and silence in the masked places, evaluation everything", async () => {
  const x = tf.ones([2, 12, 6]) as tf.Tensor3D;
  const params = { masked_spec_embed: tf.variable(tf.fill([6], 5)) };
  const both = { ...config, mask_feature_prob: 0.5, mask_feature_length: 2, mask_feature_min_masks: 1 };
  const seen = async (frames: number[], training: boolean, seed: number, how = both) => {
    const y = tf.tidy(() =>
      specAugment(params, x, tf.tensor1d(frames), how, { training, dropout: dropoutKeys(seed, 1) })
    );
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

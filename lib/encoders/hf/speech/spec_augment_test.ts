import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../../compute/mod.ts";
import { disposeParams, dropoutKeys } from "../../../nn/mod.ts";
import { deepEqual, equal, notDeepEqual, ok } from "../../../testing/assert.ts";
import { tinySpeech } from "../../../testing/tiny_encoders.ts";
import { spanMask, type Spans, specAugment } from "./spec_augment.ts";

const { config: given } = tinySpeech("tiny-wav2vec2");
const config = { ...given, apply_spec_augment: true, mask_time_prob: 0.4, mask_time_length: 3 };
const context = (seed: number) => ({ training: true, dropout: dropoutKeys(seed, 1) });
await useEngine({ engine: "cpu" });

/** Returns the masks of rows of these lengths, cut to the rows. */
function masks(lengths: number[], most: number, spans: Spans, seed: number): number[][] {
  const rows = tf.tidy(() =>
    spanMask(tf.tensor2d(lengths, [lengths.length, 1]), most, spans, context(seed)).arraySync()
  );
  rows.forEach((row, b) => ok(row.slice(lengths[b]).every((m) => m === 0), "padding is not masked"));
  return rows.map((row, b) => row.slice(0, lengths[b]));
}
const runs = (mask: number[]) => mask.join("").split("0").filter((run) => run).map(({ length }) => length);
const total = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);

Deno.test("spans have their length, their share, and their least number", () => {
  const many = masks(new Array(300).fill(400), 440, { span: 10, share: 0.05, fewest: 0 }, 1);
  for (const mask of many) ok(runs(mask).every((length) => length >= 10));
  // Two spans of 10 among 400; 2 % of the pairs overlap partly.
  const mean = total(many.map(total)) / 300;
  ok(mean > 19 && mean <= 20, `${mean}`);
  // Half a span on average is one span in half of the rows.
  const some = masks(new Array(400).fill(100), 100, { span: 10, share: 0.05, fewest: 0 }, 2);
  ok(Math.abs(some.filter((mask) => mask.includes(1)).length / 400 - 0.5) < 0.1);
  const least = masks(new Array(50).fill(1000), 1000, { span: 10, share: 0, fewest: 2 }, 3);
  for (const mask of least) ok(total(mask) >= 10 && total(mask) <= 20);
  ok(least.filter((mask) => total(mask) > 10).length >= 49);
  // Spans start anywhere from the first position to the last one with room.
  const firsts = many.map((mask) => mask.indexOf(1));
  ok(Math.min(...firsts) < 10 && Math.max(...many.map((mask) => mask.lastIndexOf(1))) > 390);
});

Deno.test("spans never leave their row, nor fill it twice; a row too short for one has none", () => {
  const lengths = [0, 1, 9, 10, 11, 25];
  for (let seed = 0; seed < 20; seed++) {
    masks(lengths, 32, { span: 10, share: 0.9, fewest: 5 }, seed).forEach((mask, i) => {
      equal(mask.includes(1), lengths[i] >= 10, `${lengths[i]}`);
      ok(total(mask) <= 10 * Math.floor(lengths[i] / 10));
    });
  }
  deepEqual(masks([3], 5, { span: 10, share: 0.9, fewest: 5 }, 1), [[0, 0, 0]]);
});

Deno.test("a row's spans depend neither on the others nor on its padding", () => {
  const spans = { span: 3, share: 0.3, fewest: 1 };
  const [first] = masks([20, 31], 31, spans, 5);
  deepEqual(masks([20], 64, spans, 5)[0], first);
  notDeepEqual(masks([20], 64, spans, 6)[0], first);
});

Deno.test("training replaces masked frames by the embedding and masked features by 0; evaluation masks nothing", async () => {
  const x = tf.ones([2, 12, 6]) as tf.Tensor3D;
  const mask = tf.tensor2d([12, 7].map((own) => Array.from({ length: 12 }, (_, t) => t < own ? 1 : 0)));
  const params = { masked_spec_embed: tf.variable(tf.fill([6], 5)) };
  const both = { ...config, mask_feature_prob: 0.5, mask_feature_length: 2, mask_feature_min_masks: 1 };
  const seen = (training: boolean, how = both) =>
    tf.tidy(() => specAugment(params, x, mask, how, { ...context(1), training }).arraySync());
  const everything = await x.array();
  deepEqual(seen(false), everything);
  deepEqual(seen(true, { ...both, apply_spec_augment: false }), everything);
  for (const [row, frames] of seen(true).entries()) {
    const silent = [0, 1, 2, 3, 4, 5].filter((d) => frames[0][d] === 0);
    ok(silent.length >= 2 && silent.length < 6, `${silent}`);
    const values = frames.map((frame) => {
      ok(silent.every((d) => frame[d] === 0));
      const heard = new Set(frame.filter((_, d) => !silent.includes(d)));
      equal(heard.size, 1);
      return [...heard][0];
    });
    const masked = values.filter((value) => value === 5).length;
    ok(masked >= 3 && masked <= [12, 7][row], `${masked}`);
    ok(values.every((value) => value === 5 || value === 1));
  }
  tf.dispose([x, mask]);
  disposeParams(params);
});

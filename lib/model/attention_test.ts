import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../compute/mod.ts";
import type { Example, Sequence } from "../data/mod.ts";
import { type FusionMethod, fusionMethod } from "../fusion/mod.ts";
import { random, seedOf } from "../random.ts";
import { parseWith } from "../schema.ts";
import { deepEqual, equal, ok } from "../testing/assert.ts";
import { attentionOf } from "./attention.ts";
import { type Classifier, newClassifier } from "./classifier.ts";

await useEngine({ engine: "cpu" });

const SMALL: Record<string, Record<string, unknown>> = {
  attention_pooling: {},
  fine_grained: { width: 8, heads: 2 },
  memocmt: { width: 8, heads: 2, hidden: 8 },
};

function classifier(method: FusionMethod, given: Record<string, unknown> = {}): Classifier {
  return newClassifier({
    method,
    options: { ...parseWith(method.options, given, method.id) as Record<string, unknown> },
    labels: ["a", "b"],
    encoders: {
      text: { id: "t", fingerprint: "0", width: 6 },
      audio: { id: "a", fingerprint: "0", width: 5 },
    },
    maxLength: { text: 12, audio: 40 },
    seed: 1,
  });
}

function states(seed: number, length: number, width: number): Sequence {
  const { normal } = random(seedOf("states", seed));
  return { data: Float32Array.from({ length: length * width }, normal), length, width };
}
const example = (id: string, text: number, audio: number): Example => ({
  id,
  ...text && { text: states(text, text, 6) },
  ...audio && { audio: states(100 + audio, audio, 5) },
});

for (const [id, options] of Object.entries(SMALL)) {
  Deno.test(`${id}: each row of keys sums to 1 over real positions, alone and among others`, async () => {
    const model = classifier(fusionMethod(id), options);
    const rows = [[3, 5], [12, 40], [1, 1], [7, 23], [20, 60]].map(([t, a], i) => example(`${i}`, t, a));
    const found = await attentionOf(model, rows);
    const [[alone]] = [await attentionOf(model, [rows[3]])];
    deepEqual(found[3], alone);
    for (const [i, { lengths, maps, unknown }] of found.entries()) {
      deepEqual(lengths, {
        text: Math.min(12, rows[i].text!.length),
        audio: Math.min(40, rows[i].audio!.length),
      });
      deepEqual(unknown, []);
      equal(maps.length, { attention_pooling: 2, fine_grained: 4, memocmt: 2 }[id]);
      for (const { name, queries, keys, weights } of maps) {
        equal(weights.length, queries ? 2 : 1, "heads");
        for (const head of weights) {
          equal(head.length, queries ? lengths[queries] : 1);
          for (const row of head) {
            equal(row.length, lengths[keys]);
            ok(row.every((w) => w >= 0) && Math.abs(row.reduce((a, b) => a + b) - 1) < 1e-5, name);
          }
        }
      }
    }
  });

  Deno.test(`${id}: a row without a modality has no map over it`, async () => {
    const model = classifier(fusionMethod(id), options);
    const [read, heard, nothing] = await attentionOf(model, [
      example("read", 4, 0),
      example("heard", 0, 9),
      example("nothing", 0, 0),
    ]);
    ok(read.maps.every(({ keys, queries = keys }) => keys === "text" && queries === "text"));
    ok(heard.maps.every(({ keys, queries = keys }) => keys === "audio" && queries === "audio"));
    deepEqual(nothing, { lengths: { text: 0, audio: 0 }, maps: [], unknown: [] });
  });
}

Deno.test("pooling weights are softmax(w·h + b), computed by hand", async () => {
  const model = classifier(fusionMethod("attention_pooling")), row = example("r", 3, 2);
  const [{ maps }] = await attentionOf(model, [row]);
  const [weight, bias] = ["weight", "bias"].map((part) => [
    ...model.params[`text_pool.score.${part}`].dataSync(),
  ]);
  const scores = [0, 1, 2].map((i) =>
    Math.exp(bias[0] + weight.reduce((sum, w, d) => sum + w * row.text!.data[6 * i + d], 0))
  );
  const sum = scores.reduce((a, b) => a + b);
  const [[found]] = maps.find(({ name }) => name === "text_pool")!.weights;
  ok(scores.every((score, i) => Math.abs(score / sum - found[i]) < 1e-6));
});

Deno.test("a method without attention has no maps; maps with unknown axes are named", async () => {
  const [plain] = await attentionOf(classifier(fusionMethod("early_fusion")), [example("r", 3, 4)]);
  deepEqual([plain.maps, plain.unknown], [[], []]);
  const late = fusionMethod("late_fusion");
  const own: FusionMethod = {
    ...late,
    apply(params, input, options, context) {
      const { text, textMask } = input;
      return {
        ...late.apply(params, input, options, context),
        attention: {
          mine: textMask,
          text_odd: tf.ones([1, 3, 3]),
          text_own: textMask,
          texture: textMask,
          text_x: text,
        },
      };
    },
  };
  const [{ maps, unknown }] = await attentionOf(classifier(own), [example("r", 3, 4)]);
  deepEqual(maps.map(({ name }) => name), ["text_own"]);
  deepEqual(unknown, ["mine", "text_odd", "texture", "text_x"]);
});

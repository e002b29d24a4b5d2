import * as tf from "@tensorflow/tfjs-core";
import { toTensors, useEngine } from "../compute/mod.ts";
import type { Example, Sequence } from "../data/mod.ts";
import { disposeParams } from "../nn/mod.ts";
import { deepEqual, equal, ok } from "../testing/assert.ts";
import { appendEarlier, earlierParams, withEarlier } from "./earlier.ts";

await useEngine();
const states = (...data: number[]): Sequence => ({
  data: Float32Array.from(data),
  length: data.length / 2,
  width: 2,
});
const own = states(1, 2, 3, 4, 5, 6), before = states(1, 1, 3, 5, 100, 100);
const examples: Example[] = [
  {
    id: "third",
    text: own,
    earlier: [
      { id: "second", distance: 1, speaker: "other", text: before },
      { id: "silent", distance: 2, speaker: "same" }, // without text
      { id: "first", distance: 3, speaker: "same", text: own },
    ],
  },
  { id: "first", text: own, earlier: [] },
  { id: "without text", earlier: [{ id: "first", distance: 1, speaker: "unknown", text: own }] },
];
const size = { width: 2, buckets: [8], maxLength: 2 };

Deno.test("mean states follow the utterance's own, which stay first; an absent modality stays absent", () => {
  const { sequences } = appendEarlier("text", examples, size);
  // The means are those of the two states that are read: (1+3)/2 and (1+5)/2, then (1+3)/2 and (2+4)/2.
  deepEqual([...sequences[0]!.data], [1, 2, 3, 4, 2, 3, 2, 3]);
  equal(sequences[0]!.length, 4);
  deepEqual([sequences[1]!.length, [...sequences[1]!.data.subarray(0, 4)]], [2, [1, 2, 3, 4]]);
  equal(sequences[2], undefined);
});

Deno.test("a mean state takes the embeddings of its distance and speaker, the others take none", async () => {
  const params = earlierParams(3, { text: { width: 2 } }, 1);
  deepEqual(Object.entries(params).map(([name, { shape }]) => [name, shape]), [
    ["earlier.text.distance.weight", [3, 2]],
    ["earlier.text.speaker.weight", [3, 2]],
  ]);
  const [distance, speaker] = await Promise.all(Object.values(params).map((each) => each.data()));
  const inputs = {
    text: tf.zeros([3, 4, 2]),
    textMask: tf.ones([3, 4]),
    ...toTensors(appendEarlier("text", examples, size).feed(4)),
  };
  const { text, ...rest } = tf.tidy(() => withEarlier(params, inputs));
  deepEqual(Object.keys(rest), ["textMask"]);
  const sum = (d: number, s: number) => [0, 1].map((i) => distance[2 * d + i] + speaker[2 * s + i]);
  const expected = [0, 0, 0, 0, ...sum(0, 2), ...sum(2, 1), ...new Array(16).fill(0)]; // unknown, same, other
  const found = await text.data();
  ok(found.every((x, i) => Math.abs(x - expected[i]) < 1e-7), `${found} is not ${expected}`);
  tf.dispose([inputs, text]);
  disposeParams(params);
});

Deno.test("a model without earlier states has no such parameters, and its inputs stay as they are", () => {
  deepEqual(earlierParams(0, { text: { width: 2 } }, 1), {});
  const inputs = { text: tf.zeros([1, 1, 2]) };
  deepEqual(withEarlier({}, inputs), inputs);
});

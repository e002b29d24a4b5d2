import { deepEqual, equal, notDeepEqual, ok } from "../testing/assert.ts";
import type { Sequence } from "./sequence.ts";
import { random } from "../random.ts";
import {
  batchLengths,
  batchOrder,
  type BatchSizes,
  batchSizes,
  BUCKETS,
  type Buffers,
  type Example,
  padStates,
} from "./batch.ts";

const sequence = (length: number, width: number, first = 1): Sequence => ({
  data: Float32Array.from({ length: length * width }, (_, i) => first + i),
  length,
  width,
});

/** Pads both modalities of some rows. */
function padBatch(examples: readonly Example[], rows: Int32Array, sizes: BatchSizes, buffers?: Buffers) {
  const padded = (modality: "text" | "audio") =>
    padStates(modality, Array.from(rows, (row) => examples[row][modality]), sizes[modality], buffers);
  return { text: padded("text"), audio: padded("audio") };
}

function corpus(size: number): Example[] {
  const { integer } = random(7);
  return Array.from({ length: size }, (_, i) => ({
    id: `u${i}`,
    ...(i % 5 !== 0 && { text: sequence(1 + integer(40), 3, 100 * i + 1) }),
    ...(i % 7 !== 1 && { audio: sequence(10 + integer(80), 2, -100 * i - 1) }),
    ...(i % 4 !== 0 && { target: { kind: "class", value: i % 4 - 1 } }),
  }));
}

Deno.test("an epoch has every row once, the same for the same seed, another for another epoch or seed", () => {
  const lengths = batchLengths(corpus(2037), batchSizes(corpus(2037)));
  const order = (seed: number, epoch: number) => batchOrder(lengths, { batchSize: 16, seed, epoch });
  const batches = order(1, 0);
  deepEqual(batches.flatMap((rows) => [...rows]).sort((a, b) => a - b), [...lengths.keys()]);
  deepEqual(batches.map((rows) => rows.length).filter((size) => size !== 16), [2037 % 16]);
  deepEqual(order(1, 0), batches);
  notDeepEqual(order(1, 1), batches);
  notDeepEqual(order(2, 0), batches);
  deepEqual(batchOrder([], { batchSize: 4, seed: 0, epoch: 0 }), []);
  deepEqual(batchOrder([3, 1, 2, 9], { batchSize: 4, seed: 0, epoch: 0 }), [Int32Array.of(1, 2, 0, 3)]);
});

Deno.test("rows of similar length go together, and batches are not in order of length", () => {
  const { integer } = random(3);
  const lengths = Array.from({ length: 4096 }, () => 1 + integer(200));
  const batches = batchOrder(lengths, { batchSize: 16, seed: 5, epoch: 0 });
  const longest = batches.map((rows) => Math.max(...Array.from(rows, (row) => lengths[row])));
  const padded = longest.reduce((sum, length) => sum + length * 16, 0);
  const real = lengths.reduce((sum, length) => sum + length, 0);
  ok(padded / real < 1.05, `${padded / real}`); // a plain shuffle pads by 1.87
  notDeepEqual(longest, longest.toSorted((a, b) => a - b));
});

Deno.test("a batch has each row's states, then zeros, and masks that tell them apart", () => {
  const examples: Example[] = [
    { id: "a", text: sequence(2, 2), audio: sequence(9, 1), target: { kind: "class", value: 3 } },
    { id: "b", audio: sequence(1, 1, 5) },
    { id: "c", text: sequence(3, 2, 11), target: { kind: "values", value: [0.5, -1] } },
  ];
  const sizes = batchSizes(examples, { buckets: { text: [1, 4], audio: [8] } });
  const { text, audio } = padBatch(examples, Int32Array.of(2, 0, 1), sizes);
  deepEqual([text.length, text.width, audio.length, audio.width], [4, 2, 16, 1]);
  deepEqual([...text.data], [11, 12, 13, 14, 15, 16, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0, ...Array(8).fill(0)]);
  deepEqual([...text.mask], [1, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0]);
  deepEqual([...audio.data.subarray(0, 16)], Array(16).fill(0));
  deepEqual([...audio.data.subarray(16)], [
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    5,
    ...Array(15).fill(0),
  ]);
  equal(audio.mask.reduce((a, b) => a + b), 10);
});

Deno.test("a row's content does not depend on its neighbours", () => {
  const examples = corpus(200);
  const sizes = batchSizes(examples);
  for (const rows of batchOrder(batchLengths(examples, sizes), { batchSize: 7, seed: 1, epoch: 3 })) {
    const batch = padBatch(examples, rows, sizes);
    rows.forEach((row, i) => {
      const alone = padBatch(examples, Int32Array.of(row), sizes);
      for (const modality of ["text", "audio"] as const) {
        const { data, mask, length, width } = batch[modality];
        ok(BUCKETS.includes(length));
        const real = examples[row][modality]?.length ?? 0;
        const at = i * length * width;
        deepEqual(data.slice(at, at + real * width), alone[modality].data.slice(0, real * width));
        ok(data.subarray(at + real * width, at + length * width).every((value) => value === 0));
        deepEqual([...mask.subarray(i * length, (i + 1) * length)], [
          ...Array(real).fill(1),
          ...Array(length - real).fill(0),
        ]);
      }
    });
  }
});

Deno.test("an absent modality has length 1 and width 1, or the width that a trained head knows", () => {
  const examples = [{ id: "a", text: sequence(2, 3) }];
  const { audio } = padBatch(examples, Int32Array.of(0), batchSizes(examples));
  deepEqual(audio, { data: new Float32Array(1), mask: new Float32Array(1), length: 1, width: 1 });
  const known = padBatch(examples, Int32Array.of(0), batchSizes(examples, { widths: { audio: 96 } })).audio;
  deepEqual([known.width, known.length, known.data.some(Boolean)], [96, 8, false]);
});

Deno.test("a sequence longer than the limit loses its end", () => {
  const examples = [9, 8, 3].map((length, i) => ({ id: `${i}`, audio: sequence(length, 1) }));
  const sizes = batchSizes(examples, { maxLength: { audio: 7 } });
  const { data, mask, length } = padBatch(examples, Int32Array.of(0), sizes).audio;
  deepEqual([length, [...data], [...mask]], [8, [1, 2, 3, 4, 5, 6, 7, 0], [1, 1, 1, 1, 1, 1, 1, 0]]);
});

Deno.test("a batch with reused arrays equals one with its own", () => {
  const examples = [5, 8, 2, 7].map((length, i) => ({
    id: `${i}`,
    audio: i === 2 ? undefined : sequence(length, 3),
    text: sequence(9 - length, 2),
  }));
  const sizes = batchSizes(examples), buffers = new Map();
  for (const rows of [[0, 1], [2, 3], [2, 2], [1, 0], [3]].map((rows) => Int32Array.from(rows))) {
    deepEqual(padBatch(examples, rows, sizes, buffers), padBatch(examples, rows, sizes));
  }
  const [a, b] = [0, 1].map(() => padBatch(examples, Int32Array.of(0), sizes, buffers));
  equal(a.audio.data, b.audio.data);
});

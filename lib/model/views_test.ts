/** Changed training rows, and mixing in the forward pass. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../compute/mod.ts";
import { augmentingBy, type Example, type Sequence } from "../data/mod.ts";
import { modelEncoder } from "../encoders/mod.ts";
import { capture, inference } from "../nn/mod.ts";
import { random } from "../random.ts";
import { deepEqual, equal, notDeepEqual, ok, throws } from "../testing/assert.ts";
import { fusionMethod } from "../fusion/mod.ts";
import { toyNetwork } from "../testing/toy_encoders.ts";
import { type Classifier, forward, newClassifier } from "./classifier.ts";
import { mixFeed } from "./mixed.ts";
import { reader } from "./reader.ts";
import { changedRaw, requireEditable, viewer } from "./views.ts";

await useEngine({ engine: "cpu" });

const sequence = (seed: number, length: number, width: number): Sequence => {
  const { normal } = random(seed);
  return { data: Float32Array.from({ length: length * width }, normal), length, width };
};
const model: Classifier = newClassifier({
  method: fusionMethod("attention_pooling"),
  options: { dropout: 0 },
  labels: ["a", "b", "c"],
  encoders: {
    text: { id: "t", fingerprint: "", width: 5 },
    audio: { id: "s", fingerprint: "", width: 6 },
  },
  maxLength: { text: 9, audio: 9 },
  seed: 1,
});
const examples: Example[] = Array.from({ length: 12 }, (_, i) => ({
  id: `r${i}`,
  ...i % 5 !== 1 && { text: sequence(i, 3 + i % 4, 5) },
  ...i % 5 !== 2 && { audio: sequence(50 + i, 4 + i % 7, 6) },
  copies: { audio: [1, 2, 3].map((copy) => sequence(100 * copy + i, 4 + i % 7, 6)) },
}));
const all = augmentingBy({ noise: 10, mask_time: 0.3, mask_frequency: 0.3, modality_dropout: 0.5 });

Deno.test("a row's view follows from seed, epoch, row and time alone", () => {
  const view = viewer(model, all, 3), of = { seed: 1, epoch: 2, time: 0 };
  const first = examples.map((row) => view(row, of));
  const { shuffle } = random(3);
  for (const row of shuffle(examples)) deepEqual(view(row, of), first[examples.indexOf(row)]);
  deepEqual(examples.map((row) => viewer(model, all, 3)(row, of)), first, "a resumed run sees the same");
  for (const other of [{ ...of, epoch: 3 }, { ...of, seed: 2 }, { ...of, time: 1 }]) {
    notDeepEqual(examples.map((row) => view(row, other)), first);
  }
});

Deno.test("an epoch draws each copy and the original equally often; no row is left with nothing", () => {
  const counts = new Map<number, number>(), view = viewer(model, augmentingBy({ noise: 1 }));
  for (let epoch = 0; epoch < 500; epoch++) {
    const { audio } = view(examples[0], { seed: 1, epoch, time: 0 });
    counts.set(audio!.data[0], (counts.get(audio!.data[0]) ?? 0) + 1);
  }
  equal(counts.size, 4);
  ok([...counts.values()].every((count) => Math.abs(count - 125) < 40), `${[...counts.values()]}`);

  const losing = viewer(model, augmentingBy({ modality_dropout: 1 }));
  for (let epoch = 0; epoch < 50; epoch++) {
    for (const row of examples) {
      const { text, audio } = losing(row, { seed: 1, epoch, time: 0 });
      equal(Number(text !== undefined) + Number(audio !== undefined), 1);
      if (!row.text) ok(audio);
      if (!row.audio) ok(text);
    }
  }
  const inputs = reader(model, examples).feedOf(
    examples.map((row) => losing(row, { seed: 1, epoch: 0, time: 0 })),
  );
  const textMask = inputs.textMask.data as Float32Array, audioMask = inputs.audioMask.data as Float32Array;
  const any = (mask: Float32Array, i: number) =>
    mask.subarray(i * mask.length / 12, (i + 1) * mask.length / 12).some(Boolean);
  examples.forEach((_, i) => ok(any(textMask, i) !== any(audioMask, i)));
});

const tensorsOf = (feed: ReturnType<ReturnType<typeof reader>["feed"]>) =>
  Object.fromEntries(
    Object.entries(feed).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
  );

Deno.test("mixed rows have mixed states: with share 1 a row's own logits, with 0 the other's, by hand between", () => {
  const rows = examples.slice(0, 4), others = examples.slice(4, 8), { feedOf } = reader(model, examples);
  const logits = (some: readonly Example[], shares?: number[]) =>
    forward(model, { ...tensorsOf(feedOf(some)), ...shares && tensorsOf(mixFeed(shares)) }, inference)
      .logits.arraySync();
  const near = (found: number[][], expected: number[][]) =>
    found.forEach((row, i) => row.forEach((x, c) => ok(Math.abs(x - expected[i][c]) < 1e-5, `${x}`)));
  near(logits([...rows, ...others], [1, 1, 1, 1]).slice(0, 4), logits(rows));
  near(logits([...rows, ...others], [0, 0, 0, 0]).slice(0, 4), logits(others));
  equal(logits([...rows, ...others], [0.5, 0.5, 0.5, 0.5]).length, 4);

  // By hand: 0.3 a + 0.7 b, position by position, with zeros behind the shorter one's end.
  const mix = (a?: Sequence, b?: Sequence): Sequence => {
    const width = (a ?? b)!.width, length = Math.max(a?.length ?? 0, b?.length ?? 0);
    const data = Float32Array.from(
      { length: length * width },
      (_, i) => 0.3 * (a?.data[i] ?? 0) + 0.7 * (b?.data[i] ?? 0),
    );
    return { data, length, width };
  };
  const byHand = rows.map(({ id, text, audio }, i): Example => ({
    id,
    text: mix(text, others[i].text),
    audio: mix(audio, others[i].audio),
  }));
  const shared = Array(4).fill(0.3);
  near(logits([...rows, ...others], shared), logits(byHand));
});

Deno.test("a step of mixed and changed rows is captured: random numbers come as inputs", async () => {
  await useEngine();
  const given = { ...model, params: newClassifier({ ...model, options: {}, seed: 1 }).params };
  const { feedOf } = reader(given, examples), view = viewer(given, all, 3);
  const step = capture((inputs) => ({ logits: forward(given, inputs, inference).logits }), given.params);
  for (let epoch = 0; epoch < 4; epoch++) {
    const rows = examples.slice(0, 8).map((row) => view(row, { seed: 1, epoch, time: 0 }));
    await step.run({ ...feedOf(rows), ...mixFeed([0.1, 0.5, epoch / 4, 1]) }, inference);
    equal(step.reason(), undefined);
  }
  step.dispose();
  await useEngine({ engine: "cpu" });
});

Deno.test("inputs of encoders in the model are changed before they are padded", () => {
  const trained: Classifier = {
    ...model,
    modelEncoders: { audio: modelEncoder(toyNetwork("audio")) },
    maxLength: { text: 9, audio: 3 },
  };
  const row = Int16Array.from({ length: 4000 }, (_, i) => 8000 * Math.sin(i / 5));
  const raw = { row, length: 5 }, key = [1, 2, "r"];
  const slow = changedRaw(trained, augmentingBy({ speed: [0.5, 0.5] }), "audio", raw, key);
  deepEqual([slow.length, slow.row.length], [3, 2400], "cut to what the model reads");
  const noisy = changedRaw(trained, augmentingBy({ noise: 20 }), "audio", raw, key);
  ok(Array.from(noisy.row).some((x, i) => Math.abs(x - row[i] / 32768) > 1e-3));
  deepEqual(changedRaw(trained, augmentingBy({ noise: 20 }), "audio", raw, key), noisy);

  const view = viewer(trained, augmentingBy({ noise: 20, copies: 3 }));
  const changed = Array.from(
    { length: 200 },
    (_, epoch) => view({ id: "r", raw: { audio: raw } }, { seed: 1, epoch, time: 0 }).raw!.audio !== raw,
  );
  const count = changed.filter(Boolean).length;
  ok(count > 125 && count < 175, `three of four times: ${count}`);
});

Deno.test("an encoder without a mask token, or without tokens, is refused with what to do", () => {
  throws(
    () => requireEditable(augmentingBy({ word_masking: 0.1 }), { id: "use-lite" }, { trains: false }),
    /a mask token for --augment\.word_masking but found 'use-lite'.*Use --augment\.word_dropout/,
  );
  throws(
    () => requireEditable(augmentingBy({ word_dropout: 0.1 }), toyNetwork("text"), { trains: true }),
    /for --augment\.word_dropout but found 'toy', which trains and does not/,
  );
  requireEditable(augmentingBy({ word_dropout: 0.1 }), { id: "use-lite" }, { trains: false });
});

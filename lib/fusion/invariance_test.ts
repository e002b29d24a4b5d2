/** What no head may depend on: padding, batch size, order of rows; and what it must do without a modality. */
import * as tf from "@tensorflow/tfjs-core";
import * as assert from "../testing/assert.ts";
import { enginesHere, underTest } from "../testing/engines.ts";
import { useEngine } from "../compute/mod.ts";
import { disposeParams, type Params } from "../nn/mod.ts";
import { fusionMethod, fusionMethods } from "./registry.ts";
import { batchOf, deviation, forward, gradients, type Head, head, randomRows, training } from "./testing.ts";

const SIZES = { text: 12, audio: 8, classes: 3 };
const WIDTHS: [number, number] = [SIZES.text, SIZES.audio];
/** Text and speech states of each row: both, then one missing, the other missing, neither. */
const LENGTHS: [number, number][] = [[5, 7], [1, 1], [3, 9], [4, 0], [0, 6], [0, 0]];
const LABELS = [0, 2, 1, 0, 1, 2];
const SMALL: Record<string, Record<string, unknown>> = {
  gated_multimodal_unit: { width: 8 },
  fine_grained: { width: 8, heads: 2 },
  memocmt: { width: 6, heads: 2, hidden: 8 },
};

/** Every head at small sizes, and its options that change the computation. */
const HEADS: [string, Head][] = [
  ...fusionMethods.map(({ id }): [string, Record<string, unknown>] => [id, {}]),
  ...["max", "mean", "cls"].map((
    aggregation,
  ): [string, Record<string, unknown>] => ["memocmt", { aggregation }]),
  ...["text_only", "audio_only"].flatMap((id): [string, Record<string, unknown>][] => [
    [id, { pooling: "attention" }],
    [id, { pooling: "mean_std", hidden: 5 }],
  ]),
].map(([id, options]) => [
  [id, ...Object.values(options)].join(" "),
  head(fusionMethod(id), { ...SMALL[id], ...options }),
]);

const init = ({ method, options }: Head, seed = 1) => method.init(options, SIZES, seed);

async function rowsOf(tensor: tf.Tensor): Promise<number[][]> {
  const [rows, width] = tensor.shape, values = await tensor.data();
  return Array.from({ length: rows }, (_, i) => Array.from(values.slice(i * width, (i + 1) * width)));
}

function assertClose(actual: number[][], expected: number[][], what: string) {
  assert.equal(actual.length, expected.length, what);
  actual.flat().forEach((value, i) => {
    assert.ok(Math.abs(value - expected.flat()[i]) < 2e-6, `${what}: ${value} is not ${expected.flat()[i]}`);
  });
}

for (const [engine, name, method] of enginesHere.flatMap((e) => HEADS.map((h) => [e, ...h] as const))) {
  Deno.test(`${name} on ${engine}: padding, batch and order change nothing`, async () => {
    await useEngine(underTest(engine));
    const params = init(method);
    const rows = randomRows(3, LENGTHS, WIDTHS);
    const logits = async (batch: typeof rows, extra = 0, seed = 0) =>
      await rowsOf(forward(method, params, batchOf(batch, WIDTHS, extra, seed)).logits);
    const expected = await logits(rows);

    assertClose(await logits(rows, 0, 7), expected, "other content of padding");
    assertClose(await logits(rows, 6, 8), expected, "more padding");
    const alone = [];
    for (const row of rows) alone.push(...await logits([row]));
    assertClose(alone, expected, "alone");
    const order = [4, 2, 5, 0, 3, 1];
    assertClose(await logits(order.map((i) => rows[i])), order.map((i) => expected[i]), "order");
  });

  Deno.test(`${name} on ${engine}: finite without a modality, in logits and gradients`, async () => {
    await useEngine(underTest(engine));
    const params = init(method);
    const input = batchOf(randomRows(3, LENGTHS, WIDTHS), WIDTHS, 2);
    for (const context of [undefined, training(1)]) {
      const { loss, params: grads, text, audio } = gradients(method, params, input, LABELS, context);
      const tensors = { loss, ...grads, ...(text && { text }), ...(audio && { audio }) };
      for (const [key, tensor] of Object.entries(tensors)) {
        assert.ok((await tensor.data()).every(Number.isFinite), key);
      }
    }
  });

  Deno.test(`${name} on ${engine}: dropout in training only, the same for the same keys`, async () => {
    await useEngine(underTest(engine));
    const params = init(method);
    const input = batchOf(randomRows(3, LENGTHS, WIDTHS), WIDTHS);
    for (const option of ["dropout", "input_dropout"]) {
      const still = { ...method.options, dropout: 0, input_dropout: 0 };
      const dropping = head(method.method, { ...still, [option]: 0.5 });
      const none = head(method.method, still);
      const logits = async (h: Head, seed?: number) =>
        await rowsOf(forward(h, params, input, seed === undefined ? undefined : training(seed)).logits);
      assert.deepEqual(await logits(dropping, 1), await logits(dropping, 1));
      assert.notDeepEqual(await logits(dropping, 1), await logits(dropping, 2));
      assert.deepEqual(await logits(dropping), await logits(none));
      assert.deepEqual(await logits(none, 1), await logits(none));
    }
  });

  Deno.test(`${name} on ${engine}: the same parameters from the same seed, others from another`, async () => {
    await useEngine(underTest(engine));
    const [one, same, other] = [init(method), init(method), init(method, 2)];
    assert.deepEqual(Object.keys(one), Object.keys(other));
    for (const key in one) {
      assert.deepEqual(await one[key].data(), await same[key].data());
      const constant = (await one[key].data()).every((value, _, all) => value === all[0]);
      if (one[key].size > 1 && !constant) assert.notDeepEqual(await one[key].data(), await other[key].data());
    }
    [one, same, other].forEach(disposeParams);
  });

  Deno.test(`${name} on ${engine}: no tensor is left behind`, async () => {
    await useEngine(underTest(engine));
    const params = init(method);
    const input = batchOf(randomRows(3, LENGTHS, WIDTHS), WIDTHS);
    const before = tf.memory();
    tf.dispose(forward(method, params, input, training(1)));
    tf.dispose(gradients(method, params, input, LABELS, training(1)));
    assert.equal(tf.memory().numTensors, before.numTensors);
    assert.equal(tf.memory().numDataBuffers, before.numDataBuffers);
  });
}

/** Parameters with some replaced, to state a rule as "the same head with this set so". */
const edited = (params: Params, edits: Record<string, (t: tf.Tensor) => tf.Tensor>): Params => ({
  ...params,
  ...Object.fromEntries(Object.entries(edits).map(([key, edit]) => [key, tf.variable(edit(params[key]))])),
});

const zero = (t: tf.Tensor) => tf.zerosLike(t);
const filled = (value: number) => (t: tf.Tensor) => tf.fill(t.shape, value);
/** Zeroes the first (or, from the end, last) `count` entries of an axis. */
const zeroed = (axis: number, from: number, count: number) => (t: tf.Tensor) => {
  const along = Array.from({ length: t.shape[axis] }, (_, i) => i >= from && i < from + count ? 0 : 1);
  return tf.mul(
    t,
    tf.tensor(along, t.shape.map((_, i) => i === axis ? -1 : 1).map((d) => d < 0 ? along.length : d)),
  );
};

/** Without text, each head is what it is with text and these parameters set so. */
const WITHOUT_TEXT: [string, Record<string, unknown>, Record<string, (t: tf.Tensor) => tf.Tensor>][] = [
  ["text_only", {}, { "classifier.weight": zero }],
  ["early_fusion", {}, { "classifier.weight": zeroed(1, 0, SIZES.text) }],
  ["attention_pooling", {}, { "classifier.weight": zeroed(1, 0, SIZES.text) }],
  ["fine_grained", {}, {
    "classifier.weight": zeroed(1, 0, 8),
    "audio_to_text.out_proj.weight": zero,
  }],
  ["gated_multimodal_unit", {}, { "text_hidden.weight": zero, "gate.weight": zeroed(1, 0, SIZES.text) }],
  ["low_rank_fusion", {}, { "text_factor": zeroed(1, 0, SIZES.text) }],
];

for (const [id, options, edits] of WITHOUT_TEXT) {
  Deno.test(`${id}: the documented answer without text`, async () => {
    await useEngine({ engine: "cpu" });
    const method = head(fusionMethod(id), { ...SMALL[id], ...options });
    const params = init(method);
    const [both] = randomRows(5, [[4, 6]], WIDTHS);
    const missing = forward(method, params, batchOf([{ ...both, text: [] }], WIDTHS, 2)).logits;
    const rule = forward(method, edited(params, edits), batchOf([both], WIDTHS)).logits;
    assert.ok(await deviation(missing, rule) < 1e-6);
  });
}

Deno.test("late_fusion: without one modality the other decides alone, without both nobody does", async () => {
  await useEngine({ engine: "cpu" });
  const method = head(fusionMethod("late_fusion"));
  const params = init(method);
  const [both] = randomRows(5, [[4, 6]], WIDTHS);
  const answer = (row: typeof both) => forward(method, params, batchOf([row], WIDTHS, 2));
  const { text_logits, audio_logits } = answer(both).parts!;
  assert.ok(await deviation(answer({ ...both, text: [] }).logits, audio_logits) < 1e-6);
  assert.ok(await deviation(answer({ ...both, audio: [] }).logits, text_logits) < 1e-6);
  assert.equal(await deviation(answer({ text: [], audio: [] }).logits, tf.zeros([1, 3])), 0);
});

for (const [aggregation, never] of [["min", 1e3], ["max", -1e3]] as const) {
  Deno.test(`memocmt ${aggregation}: an absent modality asks once with a zero state and answers nothing`, async () => {
    await useEngine({ engine: "cpu" });
    const method = head(fusionMethod("memocmt"), { ...SMALL.memocmt, aggregation });
    const params = init(method);
    const [both, other] = randomRows(5, [[4, 6], [4, 6]], WIDTHS);
    const logits = (row: typeof both, given = params) =>
      forward(method, given, batchOf([row], WIDTHS, 2)).logits;

    // One zero state of text, with the branch that asks text pushed out of the aggregation.
    const noText = edited(params, {
      "text_proj.bias": zero,
      "audio_to_text_norm.weight": zero,
      "audio_to_text_norm.bias": filled(never),
    });
    const zeroText = [Array<number>(SIZES.text).fill(0)];
    assert.ok(
      await deviation(logits({ ...both, text: [] }), logits({ ...both, text: zeroText }, noText)) < 1e-6,
    );

    const noAudio = edited(params, {
      "audio_proj.bias": zero,
      "text_to_audio_norm.weight": zero,
      "text_to_audio_norm.bias": filled(never),
    });
    const zeroAudio = [Array<number>(SIZES.audio).fill(0)];
    assert.ok(
      await deviation(logits({ ...both, audio: [] }), logits({ ...both, audio: zeroAudio }, noAudio)) < 1e-6,
    );

    // So what is there still decides.
    assert.ok(await deviation(logits({ ...both, text: [] }), logits({ ...other, text: [] })) > 1e-3);
    assert.ok(await deviation(logits({ ...both, audio: [] }), logits({ ...other, audio: [] })) > 1e-3);
  });
}

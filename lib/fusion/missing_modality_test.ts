/** Checks the documented answer of each method for a row that lacks a modality. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../compute/mod.ts";
import { batchOf, deviation, forward, type Head, head, randomRows } from "../conformance/mod.ts";
import type { Params } from "../nn/mod.ts";
import * as assert from "../testing/assert.ts";
import { fusionMethod } from "./mod.ts";

const SIZES = { text: 12, audio: 8, classes: 3 };
const WIDTHS: [number, number] = [SIZES.text, SIZES.audio];
const SMALL: Record<string, Record<string, unknown>> = {
  gated_multimodal_unit: { width: 8 },
  fine_grained: { width: 8, heads: 2 },
  memocmt: { width: 6, heads: 2, hidden: 8 },
};

const init = ({ method, options }: Head, seed = 1) => method.init(options, SIZES, seed);

/**
 * Copies parameters with some of them edited, to state a rule as "the same head with these parameters
 * changed".
 */
const edited = (params: Params, edits: Record<string, (t: tf.Tensor) => tf.Tensor>): Params => ({
  ...params,
  ...Object.fromEntries(Object.entries(edits).map(([key, edit]) => [key, tf.variable(edit(params[key]))])),
});

const zero = (t: tf.Tensor) => tf.zerosLike(t);
const filled = (value: number) => (t: tf.Tensor) => tf.fill(t.shape, value);
/** Zeroes `count` entries of an axis, starting at `from`. */
const zeroed = (axis: number, from: number, count: number) => (t: tf.Tensor) => {
  const along = Array.from({ length: t.shape[axis] }, (_, i) => i >= from && i < from + count ? 0 : 1);
  return tf.mul(
    t,
    tf.tensor(along, t.shape.map((_, i) => i === axis ? -1 : 1).map((d) => d < 0 ? along.length : d)),
  );
};

/**
 * For each head, the parameter edits that give the same answer with text as the unedited head gives without
 * text.
 */
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

Deno.test("late_fusion: one modality decides alone; without both, the logits are 0", async () => {
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

    // One zero state of text; the branch that attends to text is pushed out of the aggregation.
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

    // The modality that is present still decides.
    assert.ok(await deviation(logits({ ...both, text: [] }), logits({ ...other, text: [] })) > 1e-3);
    assert.ok(await deviation(logits({ ...both, audio: [] }), logits({ ...other, audio: [] })) > 1e-3);
  });
}

import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../compute/mod.ts";
import type { TextInContext, Turn } from "../../data/mod.ts";
import { dropoutKeys } from "../../nn/mod.ts";
import { deepEqual, equal, ok, throws } from "../../testing/assert.ts";
import { fixture, jsonFixture } from "../../testing/shared.ts";
import { modelEncoder } from "../network.ts";
import { tensorsOf } from "../encode_rows.ts";
import { withLora } from "../lora/lora.ts";
import { textEncoder } from "../registry.ts";
import { encoderInContext } from "../trainable.ts";
import { composer } from "./compose.ts";
import { readTextEncoder } from "./text_encoder.ts";
import { textTokenizer } from "./tokenizer.ts";

interface Case {
  name: string;
  past: number[];
  text: number;
  future: number[];
  bert: number[];
  roberta: number[];
  states: number[][];
}
const { turns, cases } = jsonFixture("encoders/in-context/expected.json") as { turns: Turn[]; cases: Case[] };
const inputOf = ({ past, text, future }: Case): TextInContext => ({
  ...turns[text],
  past: past.map((i) => turns[i]),
  future: future.map((i) => turns[i]),
});
const folder = fixture("encoders/in-context");
const tokenizerOf = (name: string, positions?: number) => {
  const files = ["tokenizer.json", "tokenizer_config.json"];
  const tokenizer = textTokenizer(
    Object.fromEntries(files.map((file) => [file, jsonFixture(`${name}/${file}`)])),
    name,
    positions,
  );
  return { ...tokenizer, frame: tokenizer.frame! };
};

await useEngine();
const frozen = encoderInContext(await textEncoder(`hf:${folder}`));
const still = { training: false, dropout: dropoutKeys(0, 0) };

Deno.test("composed ids equal those of transformers' tokenizers, BERT's and RoBERTa's", () => {
  const bert = composer(tokenizerOf("encoders/in-context"));
  const roberta = composer(tokenizerOf("tokenizers/tiny-roberta", 200));
  for (const each of cases) {
    deepEqual(bert(inputOf(each)).ids, each.bert, each.name);
    const { ids, turnsCut } = roberta(inputOf(each));
    if (turnsCut === 0) deepEqual(ids, each.roberta, each.name);
  }
  ok(cases.filter((each) => roberta(inputOf(each)).turnsCut === 0).length >= 2);
});

Deno.test("states are those of [CLS] and of the text's own tokens in transformers' model, in any batch", async () => {
  const near = (data: Float32Array, expected: number[][], name: string) => {
    equal(data.length, expected.flat().length, name);
    ok(data.every((x, i) => Math.abs(x - expected.flat()[i]) < 1e-5), name);
  };
  const together = await frozen.encode(cases.map(inputOf) as never[]);
  for (const [i, each] of cases.entries()) {
    const [alone] = await frozen.encode([inputOf(each)] as never[]);
    near(alone.data, each.states, each.name);
    near(together[i].data, each.states, each.name);
  }
});

Deno.test("whole turns go first, the farthest first, then the tokens of the nearest; the text stays", () => {
  const frame = { first: [1], divider: [2], last: [3] };
  const compose = (limit: number, most?: number) => {
    // Every letter is a token.
    const plain = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0));
    const input = { text: "own", past: ["far", "near"].map(turn), future: ["next", "later"].map(turn) };
    const { ids, turnsCut, first, start, own } = composer({ plain, frame, limit, side: "right" })(
      input,
      most,
    );
    equal(first + own, Math.min(4, most ?? 4));
    equal(String.fromCharCode(...ids.slice(start, start + own)), "own".slice(0, own));
    return [ids.map((id) => id > 3 ? String.fromCharCode(id) : `<${id}>`).join(""), turnsCut] as const;
  };
  const turn = (text: string): Turn => ({ text });
  deepEqual(compose(99), ["<1>far<2>near<2>own<2>next<2>later<3>", 0]);
  deepEqual(compose(25), ["<1>far<2>near<2>own<2>next<2>later<3>", 0]);
  deepEqual(compose(24), ["<1>far<2>near<2>own<2>next<3>", 1]);
  deepEqual(compose(18), ["<1>near<2>own<2>next<3>", 2]);
  deepEqual(compose(14), ["<1>near<2>own<3>", 3]);
  deepEqual(compose(8), ["<1>ar<2>own<3>", 4]);
  deepEqual(compose(6), ["<1>own<3>", 4]);
  deepEqual(compose(5), ["<1>own<3>", 4]);
  deepEqual(compose(99, 3)[0], "<1>far<2>near<2>ow<2>next<2>later<3>");
});

Deno.test("an encoder in a model gives the same states, and gradients to every weight, with LoRA too", async () => {
  const network = (await readTextEncoder(folder)).inContext!();
  const rows = cases.map((each) => network.preprocess.rowOf(inputOf(each)));
  const inputs = tensorsOf(network.preprocess.pad([...rows, []]));
  const plain = modelEncoder(network);
  const lora = withLora(plain, { r: 2, alpha: 4, dropout: 0, targets: ["query", "value"] }, 1);
  const { states, mask } = plain.apply(plain.params, inputs, still);
  const [, length, width] = states.shape, data = await states.data(), real = await mask.data();
  rows.forEach((_, b) => {
    const expected = cases[b].states.flat(), count = cases[b].states.length;
    deepEqual(
      [...real.subarray(b * length, (b + 1) * length)],
      Array.from({ length }, (_, i) => Number(i < count)),
    );
    ok(expected.every((x, i) => Math.abs(x - data[b * length * width + i]) < 1e-5), cases[b].name);
  });
  ok(real.subarray(rows.length * length).every((m) => m === 0), "a row without text is masked");
  for (const { apply, params } of [plain, lora]) {
    const variables = Object.values(params), names = Object.keys(params);
    const { grads } = tf.variableGrads(() => {
      const { states, mask } = apply(params, inputs, still);
      return tf.sum(tf.square(tf.mul(states, tf.expandDims(mask, 2)))) as tf.Scalar;
    }, variables);
    for (const [i, { name }] of variables.entries()) {
      const values = await grads[name].data();
      ok(values.every(Number.isFinite), names[i]);
      if (names[i].includes("query.weight")) ok(values.some((x) => x !== 0), names[i]);
    }
  }
});

Deno.test("only the text's own tokens are edited, not those of the turns around it", async () => {
  const { tokens, rowOf, statesOf } = (await readTextEncoder(folder)).inContext!().preprocess;
  for (const each of cases) {
    const row = Array.from(rowOf(inputOf(each))), [first, start, own, ...ids] = row;
    const masked = tokens!.edit(row, (own) => own.map(() => 4));
    deepEqual(masked, [first, start, own, ...ids.map((id, i) => i >= start && i < start + own ? 4 : id)]);
    const shorter = tokens!.edit(row, (own) => own.slice(1));
    deepEqual(shorter.length, row.length - Math.min(1, own));
    equal(statesOf(shorter), statesOf(row) - Math.min(1, own));
    deepEqual(Array.from(shorter).slice(3 + start + Math.max(0, own - 1)), ids.slice(start + own));
  }
});

Deno.test("the tokens behind the states are those of the text alone, whole and cut", async () => {
  const { tokensOf, rowOf, statesOf } = (await readTextEncoder(folder)).inContext!().preprocess;
  for (const each of cases) {
    const [first, start, own, ...ids] = Array.from(rowOf(inputOf(each))), tokens = tokensOf!(inputOf(each));
    const special = Array<number>(first).fill(-1), kept = tokens.places.slice(first);
    deepEqual(tokens.places.slice(0, first), special);
    deepEqual(kept.map((i) => tokens.own[i]), ids.slice(start, start + own));
    const cut = tokensOf!(inputOf(each), 3);
    deepEqual([cut.places.length, cut.own], [statesOf(rowOf(inputOf(each), 3)), tokens.own]);
  }
});

Deno.test("an encoder without a separator refuses context in a sentence", async () => {
  const useLite = await textEncoder("use-lite");
  throws(
    () => encoderInContext(useLite),
    /Expected a text encoder that reads turns divided .* found 'use-lite' at --context.past.*--context.states/,
  );
});

Deno.test("reading dialogues changes the fingerprint, and so the cache", async () => {
  const plain = await textEncoder(`hf:${folder}`);
  ok(plain.fingerprint !== frozen.fingerprint);
  equal(frozen.id, plain.id);
});

import * as tf from "@tensorflow/tfjs-core";
import { currentEngine, maskedMean, updateInPlace, useEngine } from "../../compute/mod.ts";
import { disposeParams, dropoutKeys, inference } from "../../nn/mod.ts";
import { deepEqual, equal, match, notDeepEqual, notEqual, ok, rejects } from "../../testing/assert.ts";
import { jsonFixture } from "../../testing/shared.ts";
import { live, tinyTextFolder } from "../../testing/tiny_encoders.ts";
import { frozenEncoder } from "../network.ts";
import { textEncoder } from "../registry.ts";
import { frozenTextEncoder, readTextEncoder, textEncoderOf } from "./text_encoder.ts";

const texts: string[] = jsonFixture("tokenizers/expected.json").cases.map(({ text }: { text: string }) =>
  text
);
const distance = (a: Float32Array, b: Float32Array) => Math.max(...a.map((x, i) => Math.abs(x - b[i])));

await useEngine();
const folder = await tinyTextFolder();
const network = await readTextEncoder(folder), encoder = live(network);

Deno.test("states of a text do not depend on the batch it is in", async () => {
  const frozen = frozenEncoder(network);
  equal(frozen.width, 24);
  const together = await frozen.encode([...texts, ...texts.toReversed()]);
  for (const [i, text] of texts.entries()) {
    const [alone] = await frozen.encode([text]);
    ok(alone.length > 1 && alone.length <= 40);
    deepEqual([alone.length, alone.data.length], [together[i].length, together[i].length * 24]);
    ok(distance(alone.data, together[i].data) < 1e-5, text);
    ok(distance(alone.data, together[2 * texts.length - 1 - i].data) < 1e-5, text);
  }
  deepEqual(await frozen.encode([]), []);
});

Deno.test("the text's own tokens are edited, special tokens stay, and <mask> in a text is the mask token", () => {
  const { tokens, rowOf } = network.preprocess, { mask, edit } = tokens!;
  deepEqual(mask, { id: 4, text: "<mask>" }, "as in its tokenizer.json");
  const row = Array.from(rowOf("Oh my God"));
  deepEqual([row[0], row.at(-1)], [0, 2]);
  deepEqual(edit(row, (own) => own.map(() => 4)), [0, ...row.slice(1, -1).map(() => 4), 2]);
  deepEqual(edit(row, (own) => own.slice(1)), [0, ...row.slice(2)]);
  deepEqual(edit([0, 2], () => [9]), [0, 2], "a text without tokens gets none");
  const written = Array.from(rowOf("Oh <mask> God"));
  equal(written.filter((id) => id === 4).length, 1);
  deepEqual([written[1], written.at(-2)], [row[1], row.at(-2)]);
});

Deno.test("steps and frozen passes run on the onnx engine without a fallback or a leak", async () => {
  const inputs = encoder.prepare(texts), params = Object.values(encoder.params);
  const frozen = frozenEncoder(network), held = tf.memory().numTensors;
  currentEngine().resetStats();
  const { value, grads } = tf.variableGrads(() => {
    const { states, mask } = encoder.apply(encoder.params, inputs, {
      training: true,
      dropout: dropoutKeys(1, 1),
    });
    return tf.sum(tf.square(maskedMean(states, mask))) as tf.Scalar;
  }, params);
  equal(Object.keys(grads).length, params.length);
  for (const grad of Object.values(grads)) ok((await grad.data()).every(Number.isFinite));
  tf.dispose([value, grads]);
  await frozen.encode(texts);
  frozen.release!();
  deepEqual(currentEngine().stats().fallbacks, {});
  equal(tf.memory().numTensors, held);
  tf.dispose(inputs);
});

Deno.test("a frozen encoder survives training of its weights and a change of engine", async () => {
  const made = await readTextEncoder(folder), frozen = frozenEncoder(made), { params } = live(made);
  const [before] = await frozen.encode(["oh my god"]);
  for (const variable of Object.values(params)) await updateInPlace(variable, (values) => values.fill(0));
  disposeParams(params);
  deepEqual((await frozen.encode(["oh my god"]))[0], before);
  await useEngine({ engine: "cpu" });
  const [plain] = await frozen.encode(["oh my god"]);
  ok(distance(plain.data, before.data) < 1e-5);
  await useEngine();
});

Deno.test("states and gradients do not depend on whether padding is packed away", async () => {
  const { kept, places, ...padded } = encoder.prepare(texts), params = Object.values(encoder.params);
  ok(kept!.size < padded.ids.size);
  const of = async (inputs: typeof padded) => {
    const { value, grads } = tf.variableGrads(() => {
      const { states, mask } = encoder.apply(encoder.params, inputs, inference);
      return tf.sum(tf.square(maskedMean(states, mask))) as tf.Scalar;
    }, params);
    const all = [value, ...Object.values(grads)];
    const numbers = await Promise.all(all.map((tensor) => tensor.data() as Promise<Float32Array>));
    tf.dispose(all);
    return numbers;
  };
  const packed = await of({ ...padded, kept, places } as typeof padded), plain = await of(padded);
  plain.forEach((numbers, i) =>
    ok(distance(numbers, packed[i]) <= 1e-5 * Math.max(1, ...numbers.map(Math.abs)))
  );
  tf.dispose([kept!, places!, ...Object.values(padded)]);
});

Deno.test("values at padding change nothing, and a row of padding only is finite", async () => {
  const evaluation = { training: false, dropout: dropoutKeys(0, 0) };
  const inputs = encoder.prepare(["oh my god", "he is so lost today"]);
  const [, length] = inputs.ids.shape;
  equal(length % 8, 0);
  const run = (ids: tf.Tensor2D, mask: tf.Tensor2D) =>
    tf.tidy(() =>
      tf.mul(encoder.apply(encoder.params, { ids, mask }, evaluation).states, tf.expandDims(mask, 2))
    )
      .data();
  const other = tf.tidy(() =>
    tf.cast(
      tf.add(tf.mul(inputs.ids, inputs.mask), tf.mul(tf.sub(1, inputs.mask), 77)),
      "int32",
    ) as tf.Tensor2D
  );
  notDeepEqual(await other.data(), await inputs.ids.data());
  const clean = await run(inputs.ids, inputs.mask);
  ok(distance(await run(other, inputs.mask) as Float32Array, clean as Float32Array) < 1e-6);
  ok((await run(inputs.ids, tf.zerosLike(inputs.mask))).every((x) => x === 0));
  tf.dispose([other, inputs.ids, inputs.mask]);
});

Deno.test("dropout acts only in training, and equally for equal keys", async () => {
  const inputs = encoder.prepare(["oh my god"]);
  const states = (training: boolean, seed: number) =>
    tf.tidy(() => encoder.apply(encoder.params, inputs, { training, dropout: dropoutKeys(seed, 1) }).states)
      .data();
  deepEqual(await states(false, 1), await states(false, 2));
  deepEqual(await states(true, 1), await states(true, 1));
  notDeepEqual(await states(true, 1), await states(true, 2));
  notDeepEqual(await states(true, 1), await states(false, 1));
  const dry = live(
    await readTextEncoder(await tinyTextFolder({ hidden_dropout_prob: 0, attention_probs_dropout_prob: 0 })),
  );
  const trained = tf.tidy(() =>
    dry.apply(dry.params, inputs, { training: true, dropout: dropoutKeys(1, 1) })
  );
  deepEqual(await trained.states.data(), await states(false, 1));
  tf.dispose([inputs.ids, inputs.mask, trained.states, trained.hiddenStates!]);
  disposeParams(dry.params);
});

Deno.test("a layer is chosen by its number, and layers above it are not computed", async () => {
  const evaluation = { training: false, dropout: dropoutKeys(0, 0) };
  const inputs = encoder.prepare(texts.slice(0, 3));
  const lower = live(await readTextEncoder(folder, 1));
  const all = tf.tidy(() => encoder.apply(encoder.params, inputs, evaluation).hiddenStates!);
  const some = tf.tidy(() => lower.apply(lower.params, inputs, evaluation).hiddenStates!);
  deepEqual([all.length, some.length], [4, 2]);
  deepEqual(await some[1].data(), await all[1].data());
  equal(lower.id, `hf:${folder}#1`);
  tf.dispose([all, some, inputs.ids, inputs.mask]);
  disposeParams(lower.params);
  await rejects(readTextEncoder(folder, 4), /Expected hidden states 0 .* to 3 .* but found 4 at /);
});

Deno.test("the fingerprint changes with weights, layer, configuration and tokenizer, and with nothing else", async () => {
  const of = async (name: string) => (await frozenTextEncoder(name)).fingerprint;
  const first = await of(folder);
  match(first, /^[0-9a-f]{16}$/);
  equal(await of(await tinyTextFolder()), first);
  equal(await of(`${folder}#3`), first);
  const elsewhere = await tinyTextFolder();
  const tokenizer = JSON.parse(await Deno.readTextFile(`${elsewhere}/tokenizer.json`));
  await Deno.writeTextFile(
    `${elsewhere}/tokenizer.json`,
    JSON.stringify({ ...tokenizer, normalizer: { type: "Lowercase" } }),
  );
  const others = [
    await of(`${folder}#2`),
    await of(await tinyTextFolder({ layer_norm_eps: 1e-3 })),
    await of(elsewhere),
  ];
  const trained = await readTextEncoder(folder);
  equal(frozenEncoder(trained).fingerprint, first);
  const name = "encoder.layer.2.output.LayerNorm.bias", { shape, data } = trained.weights[name];
  const moved = { shape, data: (data as Float32Array).map((x) => x + 1e-3) };
  others.push(frozenEncoder({ ...trained, weights: { ...trained.weights, [name]: moved } }).fingerprint);
  equal(new Set([first, ...others]).size, 5);
});

Deno.test("the registry finds the encoder by its folder", async () => {
  const frozen = await textEncoder(`hf:${folder}`);
  deepEqual([frozen.id, frozen.modality, frozen.width], [`hf:${folder}`, "text", 24]);
  notEqual(frozen.fingerprint, (await textEncoder(`hf:${folder}#0`)).fingerprint);
  await rejects(textEncoder("hf"), /Expected a text encoder \(use-lite, hf:<folder>, .*\) but found 'hf'/);
  await rejects(textEncoder("hf:/nowhere"), /found nothing at \/nowhere\./);
});

Deno.test("a tokenizer with more tokens than embeddings is refused", async () => {
  await rejects(
    readTextEncoder(await tinyTextFolder({ vocab_size: 999 })),
    /Expected a tokenizer of at most 999 tokens .* found one of 1000/,
  );
});

Deno.test("the truncation saved in tokenizer.json is ignored, except for a model of an earlier version", async () => {
  const saved = await tinyTextFolder(), long = "oh my god ".repeat(30), path = `${saved}/tokenizer.json`;
  const json = JSON.parse(await Deno.readTextFile(path));
  await Deno.writeTextFile(path, JSON.stringify({ ...json, truncation: { max_length: 9 } }));
  const now = await readTextEncoder(saved), whole = await frozenTextEncoder(folder);
  deepEqual([now.preprocess.rowOf(long).length, now.preprocess.rowOf(long, 12).length], [40, 12]);
  ok(now.preprocess.lengthOf!(long) > 90); // at least one token per word
  const { fingerprint, formerly } = frozenEncoder(now);
  notEqual(fingerprint, whole.fingerprint);
  notEqual(formerly!.fingerprint, fingerprint);
  equal(formerly!.did, "cut texts at the 9 tokens that tokenizer.json was saved with");
  const before = {
    "config.json": now.files["config.json"],
    "tokenizer.json": { ...json, truncation: { max_length: 9 } },
  };
  const [old, kept] = [before, now.files].map((files) => textEncoderOf(whole.id, files, now.weights, "run"));
  deepEqual([old.preprocess.rowOf(long).length, kept.preprocess.rowOf(long).length], [9, 40]);
  match(
    old.notes!.join(),
    /^run: the encoder reads texts like the version that trained it, which cut texts at the 9 tokens/,
  );
  deepEqual(kept.notes, []);
  const again = textEncoderOf(whole.id, old.files, now.weights, "run");
  equal(again.preprocess.rowOf(long).length, 9);
});

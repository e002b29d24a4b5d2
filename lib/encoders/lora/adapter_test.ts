/** Adapters of every kind give the states that peft gives; see generate.py beside the fixtures. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../compute/mod.ts";
import { dropoutKeys } from "../../nn/mod.ts";
import { encodeSafetensors, readSafetensors } from "../../files/safetensors.ts";
import { deepEqual, equal, ok, rejects, throws } from "../../testing/assert.ts";
import { tensorOf } from "../../testing/reference.ts";
import { fixture } from "../../testing/shared.ts";
import { tinySpeech, tinyText, tinyTextFolder } from "../../testing/tiny_encoders.ts";
import { tensorsOf } from "../encode_rows.ts";
import { paramsFrom } from "../params.ts";
import { readTextEncoder } from "../hf/mod.ts";
import { readSpeechWeights, speechModel } from "../hf/speech/speech_model.ts";
import { masksOf } from "../hf/speech/waveform.ts";
import { textModel } from "../hf/text_model.ts";
import { transformerShapes } from "../hf/transformer.ts";
import { readWeights } from "../hf/weights.ts";
import { readAdapter, sourceOf } from "./adapter.ts";
import { merged } from "./merge.ts";
import { PREFIX, type Weights } from "./tensors.ts";

const root = fixture("encoders/adapters");
const { tensors: expected } = await readSafetensors(`${root}/expected.safetensors`);
const cases = Object.keys(expected).filter((name) => !name.startsWith("input.")).sort();
const still = { training: false, dropout: dropoutKeys(0, 0) };

const text = tinyText("tiny-bert"), speech = tinySpeech("tiny-wav2vec2");
const models = {
  text: await readWeights(fixture("encoders/tiny-bert"), "bert.", transformerShapes(text.config)),
  speech: await readSpeechWeights(fixture("encoders/tiny-wav2vec2"), speech),
};
const modelOf = (name: string) => name.startsWith("speech") ? "speech" : "text";

/** Last hidden states of the tiny model with these weights. */
function statesOf(name: string, weights: Weights): tf.Tensor3D {
  if (modelOf(name) === "speech") {
    const samples = tensorOf<tf.Tensor2D>(expected["input.samples"]),
      params = paramsFrom(weights),
      { apply } = speechModel(speech);
    const masks = tensorsOf(masksOf([samples.shape[1]], samples.shape[1], speech.config));
    return tf.tidy(() => apply(params, { samples, ...masks } as never, still).states);
  }
  const mask = tensorOf<tf.Tensor2D>(expected["input.mask"]);
  const ids = tf.cast(tensorOf<tf.Tensor2D>(expected["input.ids"]), "int32");
  const news = tf.cast(tf.mul(mask, name === "embeddings_resized" ? 5 : 0), "int32");
  const params = paramsFrom(weights), { apply } = textModel(text);
  return tf.tidy(() => apply(params, { ids: tf.add(ids, news), mask }, still).states);
}

const above = (what: string) =>
  `The adapter also holds ${what}, above the encoder: no hidden state depends on it, so it was left out.`;
const notes: Record<string, string[]> = {
  all_linear: [above("pooler")],
  bias_all: [above("pooler")],
  bias_lora_only: [
    "The adapter says bias: lora_only, but peft saved no bias: the model's own are used, as in peft.",
  ],
  classifier: [above("classifier, pooler")],
  norms_saved: [above("pooler")],
  norms_saved_bias_all: [above("pooler")],
  speech_classifier: [above("classifier, projector")],
};

for (const name of cases) {
  Deno.test(`the states of the adapter ${name} are peft's`, async () => {
    await useEngine();
    const { base, changed } = await sourceOf(`${root}/${name}`);
    equal(base, fixture(`encoders/${modelOf(name) === "speech" ? "tiny-wav2vec2" : "tiny-bert"}`));
    const whole = changed(models[modelOf(name)]), states = statesOf(name, whole.weights);
    const values = await states.data(), wanted = expected[name].data, [, length, width] = states.shape;
    const mask = modelOf(name) === "speech" ? undefined : expected["input.mask"].data;
    equal(values.length, wanted.length);
    let most = 0;
    for (let i = 0; i < values.length; i++) {
      if (!mask || mask[Math.floor(i / width)]) most = Math.max(most, Math.abs(values[i] - wanted[i]));
    }
    ok(most < 2e-5, `${most} in ${length}`);
    deepEqual(whole.notes, notes[name] ?? []);
  });
}

Deno.test("a plain adapter's weights are W + alpha / r B A to the bit, and all others are unchanged", async () => {
  const { config, tensors } = await readAdapter(`${root}/plain`);
  const { weights } = merged(models.text, config, tensors, "here");
  deepEqual(Object.keys(weights), Object.keys(models.text));
  for (const [name, { data, shape: [, inputs] }] of Object.entries(models.text)) {
    const layer = name.replace(/\.weight$/, ""), down = tensors[`${layer}.lora_A.weight`]?.data;
    if (!down) {
      equal(weights[name], models.text[name]);
      continue;
    }
    const up = tensors[`${layer}.lora_B.weight`].data;
    const wanted = Float32Array.from(data, (w, at) => {
      const o = Math.floor(at / inputs), i = at % inputs;
      return w + 2.5 * (up[2 * o] * down[i] + up[2 * o + 1] * down[inputs + i]);
    });
    deepEqual(weights[name].data, wanted);
  }
});

Deno.test("no tensor of an adapter goes unused: without one, or of another size, it is refused; another value changes weights", async () => {
  const kinds = ["patterns", "embeddings_dora", "embeddings_saved", "lora_bias", "norms_saved_bias_all"];
  for (const name of [...kinds, "embeddings_resized", "pissa_dora", "olora", "speech_classifier"]) {
    const { config, tensors } = await readAdapter(`${root}/${name}`), weights = models[modelOf(name)];
    const whole = merged(weights, config, tensors, name), said = whole.notes.join();
    for (const [key, { data, shape }] of Object.entries(tensors)) {
      // Tensors above the encoder cause a note. peft does not read the tensors that it saves twice.
      if (/original_module|modules_to_save/.test(key)) continue;
      const room = key.replace(/^(bert|wav2vec2)\./, "").split(".")[0];
      if (said.includes(`${room}, `) || said.includes(`${room}:`)) continue;
      const { [key]: _, ...others } = tensors;
      // A bias or an embedding that did not need saving may be absent.
      if (/lora_/.test(key)) throws(() => merged(weights, config, others, name), /Expected/, key);
      const longer = {
        shape: [...shape.slice(0, -1), shape.at(-1)! + 1],
        data: new Float32Array(data.length + 99),
      };
      throws(() => merged(weights, config, { ...tensors, [key]: longer }, name), /Expected/, key);
      const other = { shape, data: Float32Array.from(data, (x) => 1.5 * x + 0.1) };
      const changed = merged(weights, config, { ...tensors, [key]: other }, name).weights;
      ok(
        Object.keys(changed).some((w) => changed[w].data.some((x, i) => x !== whole.weights[w].data[i])),
        key,
      );
      const broken = { shape, data: data.map((x, i) => i ? x : NaN) };
      throws(
        () => merged(weights, config, { ...tensors, [key]: broken }, name),
        /with NaN or infinity in it/,
        key,
      );
    }
  }
});

Deno.test("tensors that belong nowhere, to two models, or to another kind of change are refused", async () => {
  const { config, tensors } = await readAdapter(`${root}/plain`), [key] = Object.keys(tensors);
  const layer = key.replace(/\.lora_.*/, ""), vector = { shape: [24], data: new Float32Array(24) };
  for (
    const [more, wrong] of [
      [
        { "encoder.layer.7.output.dense.lora_A.weight": tensors[key] },
        /found 'encoder\.layer\.7.*' of shape \[2,24\]/,
      ],
      [{ "encoder.layer.0.output.dense.gamma": vector }, /found 'encoder\.layer\.0\.output\.dense\.gamma'/],
      [
        { [`bert.${key.replace("layer.0", "layer.1")}`]: tensors[key] },
        /Expected an adapter of one model but found/,
      ],
      [
        { [`${layer}.lora_C.weight`]: vector },
        /found tensor '.*lora_C\.weight', which is not.*merge_and_unload/,
      ],
      [
        { [`${layer}.lora_magnitude_vector`]: vector },
        /found the magnitude of '.*', which its configuration leaves out/,
      ],
      [
        { [`${layer}.lora_B.bias`]: vector },
        /found the bias of B of '.*', which its configuration leaves out/,
      ],
      [{ "embeddings.LayerNorm.lora_A.weight": tensors[key] }, /neither linear nor an embedding/],
      [{ "embeddings.word_embeddings.lora_A.weight": tensors[key] }, /for an embedding, which is not/],
      [{ "encoder.layer.0.output.dense.lora_A.weight": tensors[key] }, /which its target_modules leave out/],
      [{ [`${layer}.weight`]: { shape: [24, 24], data: new Int32Array(576) } }, /of shape \[24,24\]/],
    ] as [Weights, RegExp][]
  ) throws(() => merged(models.text, config, { ...tensors, ...more }, "here"), wrong);
  throws(
    () => merged(models.text, config, {}, "here"),
    /Expected changes of layers of the model .* found 'nothing'/,
  );
  throws(() => merged(models.speech, config, tensors, "here"), /Expected changes of layers of the model/);
  for (
    const [changes, wrong] of [
      [{ r: 3 }, /found a change of '.*' of rank 2, not 3 at here\. .*from one adapter/],
      [{ target_modules: ["query"] }, /found changes of '.*value', which its target_modules leave out/],
      [
        { target_modules: ["query", "value", "key"] },
        /found no change of '.*key', which its target_modules name/,
      ],
      [
        { modules_to_save: ["LayerNorm"] },
        /found no 'embeddings\.LayerNorm\.weight', which its modules_to_save name/,
      ],
      [{ use_dora: true }, /found the magnitude of '.*' missing/],
      [{ lora_bias: true }, /found the bias of B of '.*' missing/],
      [
        { alpha_pattern: { "encoder.*query": 3 } },
        /Expected one alpha for '.*query' but found 5 before peft 0\.15, 3 since/,
      ],
    ] as const
  ) throws(() => merged(models.text, { ...config, ...changes } as never, tensors, "here"), wrong);
  const later = { ...config, alpha_pattern: { "encoder.*query": 3 }, peft_version: "0.18.0" };
  ok(merged(models.text, later, tensors, "here"));
});

Deno.test("a change inside a module that is saved whole, which peft leaves out, is refused", async () => {
  const { config, tensors } = await readAdapter(`${root}/plain`);
  const whole = Object.entries(models.text).filter(([name]) => name.includes(".attention.self."));
  const saving = { ...config, modules_to_save: ["attention.self"] };
  throws(
    () => merged(models.text, saving, { ...tensors, ...Object.fromEntries(whole) }, "here"),
    /found a change of 'encoder\.layer\.0\.attention\.self\.\w+', which peft saves whole .*merge_and_unload/,
  );
});

Deno.test("a note says where peft applies a change only after merging", async () => {
  const { config, tensors } = await readAdapter(`${root}/speech`), wavlm = tinySpeech("tiny-wavlm");
  const weights = await readSpeechWeights(fixture("encoders/tiny-wavlm"), wavlm);
  const { notes } = merged(weights, config, tensors, "here");
  equal(notes.length, 1);
  ok(/WavLM's attention only after merge_and_unload.* here they are applied\.$/.test(notes[0]));
  const none = Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [
      name,
      name.includes("lora_B") ? { ...tensor, data: new Float32Array(tensor.data.length) } : tensor,
    ]),
  );
  deepEqual(merged(weights, config, none, "here").notes, []);
});

Deno.test("adapter_model.bin is read like safetensors, and names without peft's prefix are refused", async () => {
  const folder = await Deno.makeTempDir(),
    { tensors } = await readSafetensors(`${root}/plain/adapter_model.safetensors`);
  await Deno.copyFile(`${root}/plain/adapter_config.json`, `${folder}/adapter_config.json`);
  await rejects(readAdapter(folder), /Expected a safetensors file but found no file/);
  await Deno.copyFile(fixture("torch/adapter_model.bin"), `${folder}/adapter_model.bin`);
  deepEqual((await readAdapter(folder)).tensors, (await readAdapter(`${root}/plain`)).tensors);
  const named = Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name.replace(PREFIX, ""), tensor]),
  );
  await Deno.writeFile(`${folder}/adapter_model.safetensors`, encodeSafetensors(named));
  await rejects(
    readAdapter(folder),
    /Expected names that start with base_model\.model\., as peft writes them/,
  );
});

Deno.test("the tokenizer beside an adapter that resized the vocabulary is read; its absence is noted", async () => {
  await useEngine();
  const base = await tinyTextFolder(),
    folder = `${base}/adapter`,
    words = `${PREFIX}embeddings.word_embeddings.weight`;
  await Deno.mkdir(folder);
  const whole = await readTextEncoder(base),
    { tensors } = await readSafetensors(`${root}/plain/adapter_model.safetensors`);
  const rows = Float32Array.from({ length: 1001 * 24 }, (_, i) => Math.cos(i));
  await Deno.writeFile(
    `${folder}/adapter_model.safetensors`,
    encodeSafetensors({ ...tensors, [words]: { shape: [1001, 24], data: rows } }),
  );
  const config = JSON.parse(await Deno.readTextFile(`${root}/plain/adapter_config.json`));
  await Deno.writeTextFile(
    `${folder}/adapter_config.json`,
    JSON.stringify({ ...config, base_model_name_or_path: ".." }),
  );
  const alone = await readTextEncoder(folder);
  equal(alone.notes!.length, 1);
  ok(/has 1001 rows, its model's 1000, and no tokenizer\.json lies beside it/.test(alone.notes![0]));
  deepEqual(alone.weights["embeddings.word_embeddings.weight"].shape, [1001, 24]);
  equal((alone.files["config.json"] as { vocab_size: number }).vocab_size, 1001);
  deepEqual(alone.preprocess.rowOf("so <new> happy"), whole.preprocess.rowOf("so <new> happy"));
  const tokenizer = JSON.parse(await Deno.readTextFile(`${base}/tokenizer.json`));
  const token = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: false };
  tokenizer.added_tokens.push({ id: 1000, content: "<new>", ...token });
  await Deno.writeTextFile(`${folder}/tokenizer.json`, JSON.stringify(tokenizer));
  await Deno.copyFile(`${base}/tokenizer_config.json`, `${folder}/tokenizer_config.json`);
  const beside = await readTextEncoder(folder);
  ok(Array.from(beside.preprocess.rowOf("so <new> happy")).includes(1000));
  deepEqual(beside.notes, [
    "tokenizer.json and tokenizer_config.json beside the adapter differ from its model's: the adapter's were read.",
  ]);
});

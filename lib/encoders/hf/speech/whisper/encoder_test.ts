import * as tf from "@tensorflow/tfjs-core";
import { currentEngine, maskedMean, useEngine } from "../../../../compute/mod.ts";
import { readJson, readSafetensors } from "../../../../files/mod.ts";
import { disposeParams, dropoutKeys } from "../../../../nn/mod.ts";
import { deepEqual, equal, ok, rejects, throws } from "../../../../testing/assert.ts";
import { fixture } from "../../../../testing/shared.ts";
import { live, tinySpeechFolder } from "../../../../testing/tiny_encoders.ts";
import { withLora } from "../../../lora/lora.ts";
import { frozenEncoder, modelEncoder } from "../../../network.ts";
import { speechEncoder } from "../../../registry.ts";
import { windowsOver } from "../../../windows.ts";
import { restoredSpeechEncoder } from "../../restored.ts";
import { readWhisper } from "./encoder.ts";
import { STATE, whisperFeatures } from "./features.ts";

const folder = fixture("encoders/tiny-whisper");
const { tensors } = await readSafetensors(`${folder}/expected.safetensors`);
const clips = [0, 1, 2].map((i) => tensors[`input.${i}`].data as Float32Array);
const evaluation = { training: false, dropout: dropoutKeys(0, 0) };
const training = (seed: number) => ({ training: true, dropout: dropoutKeys(seed, 1) });

const apart = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  a.length === b.length
    ? Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0)
    : Infinity;

await useEngine();

Deno.test("states equal those of transformers from samples on, and only a recording's own are given back", async () => {
  const encoder = await speechEncoder(`hf:${folder}`), states = await encoder.encode(clips);
  deepEqual([encoder.width, encoder.rate, encoder.piece], [24, 50, 50]);
  deepEqual(states.map(({ length }) => length), [50, 29, 2]);
  for (const [b, { data }] of states.entries()) {
    const off = apart(data, tensors[`usual.${b}.last_hidden`].data);
    ok(off < 2e-5, `utterance ${b}: ${off}`);
  }
  deepEqual((await encoder.encode([...clips].reverse())).reverse(), states);
  const [empty, short] = await encoder.encode([new Float32Array(0), new Float32Array(3)]);
  deepEqual([empty.length, short.length], [1, 1]);
  ok([...empty.data, ...short.data].every(Number.isFinite));
  encoder.release!();
});

Deno.test("the decoder's weights are left out with a note; nothing else is noted", async () => {
  const { notes, weights } = await readWhisper(folder);
  equal(notes!.length, 1);
  ok(/not the encoder's and were left out: .*decoder\./.test(notes![0]), notes![0]);
  ok(Object.keys(weights).every((name) => name.startsWith("encoder.")));
});

Deno.test("a recording longer than the window is encoded in windows that overlap", async () => {
  const network = await readWhisper(folder), long = tensors["input.long"].data as Float32Array;
  const [stitched] = await frozenEncoder(network).encode([long]);
  const total = Math.ceil(long.length / STATE), { params, apply } = live(network);
  equal(stitched.length, total);
  const spectra = whisperFeatures(long, total, 80);
  for (const { start, from, to } of windowsOver(total, 50)) {
    const features = tf.tensor3d(spectra.slice(160 * start, 160 * (start + 50)), [1, 100, 80]);
    const states = tf.tidy(() => apply(params, { features, mask: tf.ones([1, 50]) }, evaluation).states);
    const kept = (await states.data()).slice(24 * (from - start), 24 * (to - start));
    ok(apart(kept, stitched.data.slice(24 * from, 24 * to)) < 1e-6);
    tf.dispose([features, states]);
  }
  disposeParams(params);
});

Deno.test("a layer is chosen by its number; a limit cuts samples; padded rows hold one window at most", async () => {
  const network = await readWhisper(folder, 1), { preprocess: { rowOf, statesOf, pad } } = network;
  const [states] = await frozenEncoder(network).encode([clips[0]]);
  ok(apart(states.data, tensors["output.hidden_states.1"].data.slice(0, 50 * 24)) < 2e-5);
  deepEqual([7, 50, undefined].map((limit) => statesOf(rowOf(clips[0], limit))), [7, 50, 50]);
  const { features, mask } = pad([tensors["input.long"].data, clips[2]]);
  deepEqual([features.shape, mask.shape], [[2, 100, 80], [2, 50]]);
  deepEqual([...mask.data].reduce((sum, m) => sum + m, 0), 52);
  await rejects(readWhisper(folder, 4), /Expected hidden states 0 .* to 3 .* but found 4 at /);
});

Deno.test("a training step gives every parameter but the positions a gradient, and draws from its keys", async () => {
  const changes = {
    apply_spec_augment: true,
    mask_feature_prob: 0.2,
    encoder_layerdrop: 0.3,
    dropout: 0.1,
    attention_dropout: 0.1,
    activation_dropout: 0.1,
  };
  const { params, prepare, apply } = live(await readWhisper(await tinySpeechFolder("tiny-whisper", changes)));
  const inputs = prepare(clips), held = tf.memory().numTensors;
  currentEngine().resetStats();
  const step = async (seed: number, gradientCheckpointing = false) => {
    const context = { ...training(seed), gradientCheckpointing };
    const { value, grads } = tf.variableGrads(() => {
      const { states, mask } = apply(params, inputs, context);
      return tf.sum(tf.square(maskedMean(states, mask))) as tf.Scalar;
    }, Object.values(params));
    equal(Object.keys(grads).length, Object.keys(params).length - 1);
    for (const grad of Object.values(grads)) ok((await grad.data()).every(Number.isFinite));
    const [loss] = await value.data();
    tf.dispose([value, grads]);
    return loss;
  };
  const first = await step(1);
  equal(await step(1), first);
  ok(Math.abs(await step(1, true) - first) < 1e-5 * first);
  ok(await step(2) !== first);
  deepEqual(currentEngine().stats().fallbacks, {});
  equal(tf.memory().numTensors, held);
  tf.dispose(Object.values(inputs));
  disposeParams(params);
});

Deno.test("LoRA changes the layers by their names, the keys' projection without a bias, too", async () => {
  const options = { r: 2, alpha: 4, dropout: 0, targets: ["q_proj", "k_proj", "fc1"] };
  const changed = withLora(modelEncoder(await readWhisper(folder)), options, 1);
  const added = Object.keys(changed.params).filter((name) => name.endsWith("lora_A.weight"));
  equal(added.length, 3 * 3);
  ok(added.includes("encoder.layers.2.self_attn.k_proj.lora_A.weight"));
  throws(
    () => withLora(changed, { ...options, targets: ["embed_positions"] }, 1),
    /Expected linear layers of hf:.* found embed_positions/,
  );
  disposeParams(changed.params);
});

Deno.test("an adapter of the whole model changes the encoder as in peft, and what is above is noted", async () => {
  const lora = fixture("encoders/tiny-whisper-lora"), adapted = await readWhisper(lora);
  ok(/also holds decoder, above the encoder/.test(adapted.notes!.at(-1)!), `${adapted.notes}`);
  const { data, shape: [, length, width] } =
    (await readSafetensors(`${lora}/expected.safetensors`)).tensors["output.last_hidden"];
  for (const [b, states] of (await frozenEncoder(adapted).encode(clips)).entries()) {
    const start = b * length * width;
    const off = apart(states.data, data.slice(start, start + states.data.length));
    ok(off < 2e-5, `utterance ${b}: ${off}`);
  }
});

Deno.test("an encoder is restored from files and weights in a checkpoint, and refused if they don't fit", async () => {
  const { id, files, weights } = await readWhisper(folder);
  const frozen = (name: string) => speechEncoder(`hf:${name}`).then(({ fingerprint }) => fingerprint);
  const restored = restoredSpeechEncoder(id, files, weights, "here");
  equal(frozenEncoder<Float32Array>(restored as never).fingerprint, await frozen(folder));
  const { "encoder.conv1.bias": _, ...others } = weights;
  throws(() => restoredSpeechEncoder(id, files, others, "here"), /found others: 'encoder\.conv1\.bias'/);
});

Deno.test("a model with a classifier, or the encoder alone, holds the same encoder", async () => {
  const whole = await readWhisper(folder);
  const kept = (rename: (name: string) => string) =>
    tinySpeechFolder("tiny-whisper", {}, (tensors) => ({
      ...Object.fromEntries(
        Object.entries(tensors).filter(([name]) => name.includes("encoder."))
          .map(([name, tensor]) => [rename(name), tensor]),
      ),
      "classifier.bias": { shape: [2], data: new Float32Array(2) },
    }));
  const alone = await readWhisper(await kept((name) => name.replace("model.", "")));
  deepEqual(alone.notes, []);
  deepEqual(alone.weights, whole.weights);
});

const refused: [file: string, changes: Record<string, unknown>, RegExp][] = [
  ["preprocessor_config.json", { feature_size: 128 }, /Expected 80 but found 128 at feature_size/],
  ["preprocessor_config.json", { chunk_length: 30 }, /Expected 1 but found 30 at chunk_length/],
  ["preprocessor_config.json", { sampling_rate: 8000 }, /Expected 16000 but found 8000 at sampling_rate/],
  ["preprocessor_config.json", { n_fft: 512 }, /Expected 400 but found 512 at n_fft/],
  ["preprocessor_config.json", { dither: 0.1 }, /Expected 0 but found 0\.1 at dither/],
  ["config.json", { encoder_attention_heads: 5 }, /found 24 for 5 heads/],
  ["config.json", { activation_function: "silu" }, /found "silu" at activation_function/],
  ["config.json", { encoder_layers: 1e7 }, /Expected at most 1000/],
  ["config.json", { num_mel_bins: 128 }, /'encoder\.conv1\.weight' of shape \[24,80,3\], not \[24,128,3\]/],
  ["config.json", { max_source_positions: 1e9 }, /'encoder\.embed_positions\.weight' of shape \[50,24\]/],
  [
    "config.json",
    { model_type: "speech_to_text" },
    /architectures wav2vec2, .*, data2vec-audio, whisper but/,
  ],
];
for (const [file, changes, message] of refused) {
  Deno.test(`${file} with ${JSON.stringify(changes)} is refused`, async () => {
    const other = await tinySpeechFolder("tiny-whisper", file === "config.json" ? changes : {});
    if (file !== "config.json") {
      const given = await readJson(`${folder}/${file}`) as Record<string, unknown>;
      await Deno.writeTextFile(`${other}/${file}`, JSON.stringify({ ...given, ...changes }));
    }
    await rejects(speechEncoder(`hf:${other}`), message);
  });
}

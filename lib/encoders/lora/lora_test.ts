/** Low-rank changes equal peft's: output, merged weights, gradients, files. */
import * as tf from "@tensorflow/tfjs-core";
import { ENGINES, useEngine } from "../../compute/mod.ts";
import { disposeParams, dropoutKeys, type Params } from "../../nn/mod.ts";
import { type RawTensor, readSafetensors } from "../../files/safetensors.ts";
import { deepEqual, equal, notDeepEqual, ok, throws } from "../../testing/assert.ts";
import { testWith } from "../../testing/needs.ts";
import { requireGradients, requireStates, tensorOf } from "../../testing/reference.ts";
import { fixture } from "../../testing/shared.ts";
import {
  tinySpeech,
  tinySpeechFolder,
  tinySpeechModel,
  tinyTextFolder,
  tinyTextModel,
} from "../../testing/tiny_encoders.ts";
import { tensorsOf } from "../encode_rows.ts";
import type { ModelEncoder } from "../encoder.ts";
import { readSpeechEncoder, readTextEncoder, textEncoderOf } from "../hf/mod.ts";
import { masksOf } from "../hf/speech/waveform.ts";
import { modelEncoder } from "../network.ts";
import { readAdapter, sourceOf } from "./adapter.ts";
import { DOWN, isLora, withLora } from "./lora.ts";
import { merged } from "./merge.ts";
import { writeAdapter } from "./write.ts";

const still = { training: false, dropout: dropoutKeys(0, 0) };

/** Returns the tiny model of this name with LoRA, its inputs, and the expected results. */
async function load(name: "tiny-bert" | "tiny-distilbert" | "tiny-wav2vec2") {
  const folder = fixture(`encoders/${name}`),
    { tensors } = await readSafetensors(`${folder}-lora/expected.safetensors`);
  const isText = name !== "tiny-wav2vec2";
  const { params, apply } = isText ? await tinyTextModel(name) : await tinySpeechModel(name);
  const mask: tf.Tensor2D = tensorOf(tensors["input.attention_mask"]);
  const inputs: tf.NamedTensorMap = isText
    ? { ids: tf.cast(tensorOf(tensors["input.input_ids"]), "int32"), mask }
    : {
      samples: tensorOf(tensors["input.input_values"]),
      ...tensorsOf(masksOf([640, 500, 333], 640, tinySpeech(name).config)),
    };
  const adapter = await readAdapter(`${folder}-lora`), { r, lora_alpha: alpha } = adapter.config;
  const options = { r, alpha, dropout: 0, targets: adapter.config.target_modules as string[] };
  const base = { id: name, modality: isText ? "text" : "audio", params, apply } as unknown as ModelEncoder;
  const encoder = withLora(base, options, 1);
  const frames: tf.Tensor2D = isText ? mask : tensorOf(tensors["output.frame_mask"]);
  // In a batch, the reference's group norm includes padding; for a lone utterance there is none.
  const expected = isText ? tensors : (await readSafetensors(`${folder}-lora/alone.safetensors`)).tensors;
  return { folder, tensors, expected, inputs, adapter, base, encoder, frames };
}

const trainedOf = (params: Params) =>
  Object.fromEntries(Object.entries(params).filter(([name]) => isLora(name)));

function fill(params: Params, tensors: Record<string, RawTensor>) {
  for (const [name, { data, shape }] of Object.entries(tensors)) {
    params[name].assign(tf.tensor(data as Float32Array, shape));
  }
}

for (const engine of ENGINES) {
  for (const name of ["tiny-bert", "tiny-distilbert", "tiny-wav2vec2"] as const) {
    testWith(
      engine,
      `${name} with an adapter equals peft in hidden states, gradients and merged weights on ${engine}`,
      async () => {
        await useEngine({ engine });
        const { folder, tensors, expected, inputs, adapter, base, encoder, frames } = await load(name);
        deepEqual(Object.keys(adapter.tensors).sort(), Object.keys(trainedOf(encoder.params)).sort());
        const before = tf.tidy(() => base.apply(base.params, inputs, still).states);
        const fresh = tf.tidy(() => encoder.apply(encoder.params, inputs, still).states);
        deepEqual(await fresh.data(), await before.data(), "fresh changes do nothing");
        fill(encoder.params, adapter.tensors);
        const { hiddenStates } = tf.tidy(() => encoder.apply(encoder.params, inputs, still));
        for (const [i, hidden] of hiddenStates!.entries()) {
          await requireStates(
            hidden,
            expected[`output.hidden_states.${i}`].data,
            frames,
            `hidden state ${i}`,
          );
        }
        const cotangent = tf.mul(tensorOf<tf.Tensor3D>(tensors["input.cotangent"]), tf.expandDims(frames, 2));
        const gradients = Object.fromEntries(
          Object.entries(expected).map(([key, tensor]) => [key.replace("base_model.model.", ""), tensor]),
        );
        await requireGradients(
          () => tf.sum(tf.mul(encoder.apply(encoder.params, inputs, still).states, cotangent)),
          trainedOf(encoder.params),
          gradients,
        );
        const { tensors: weights } = await readSafetensors(`${folder}/model.safetensors`);
        const { weights: whole } = merged(weights, adapter.config, adapter.tensors, folder);
        const changed: string[] = [];
        for (const key of Object.keys(tensors).filter((key) => key.startsWith("merged."))) {
          changed.push(key.slice(7));
          const wanted = tensors[key].data as Float32Array;
          wanted.forEach((x, i) => ok(Math.abs(x - whole[key.slice(7)].data[i]) < 1e-6, key));
        }
        for (const key in weights) equal(whole[key] === weights[key], !changed.includes(key), key);
        disposeParams(encoder.params);
      },
    );
  }
}

Deno.test("a written adapter is read unchanged, and its folder gives the changed model", async () => {
  await useEngine();
  const base = await tinyTextFolder(), folder = `${base}/adapter`;
  const encoder = modelEncoder(await readTextEncoder(base)),
    options = { r: 2, alpha: 6, dropout: 0.1, targets: ["value"] };
  const { params } = withLora(encoder, options, 3), tensors: Record<string, RawTensor> = {};
  for (const name in params) {
    const data = Float32Array.from(await params[name].data(), (x, i) => isLora(name) ? Math.sin(i) / 3 : x);
    tensors[name] = { shape: params[name].shape, data };
  }
  await writeAdapter(folder, { options, base: "..", tensors });
  const { tensors: written } = await readSafetensors(`${folder}/adapter_model.safetensors`);
  equal(Object.keys(written).length, 6);
  ok("base_model.model.encoder.layer.0.attention.self.value.lora_A.weight" in written);
  const { config, tensors: again } = await readAdapter(folder);
  deepEqual(again, trainedOf(tensors as never) as never);
  deepEqual([config.r, config.lora_alpha, config.lora_dropout, config.target_modules], [2, 6, 0.1, [
    "value",
  ]]);
  const own = Object.fromEntries(Object.entries(tensors).filter(([name]) => !isLora(name)));
  const expected = textEncoderOf(
    "hf:x",
    encoder.files,
    (await sourceOf(folder)).changed(own).weights,
    folder,
  );
  const read = await readTextEncoder(folder);
  for (const name in expected.weights) deepEqual(read.weights[name], expected.weights[name]);
  notDeepEqual(
    read.weights["encoder.layer.1.attention.self.value.weight"].data,
    await encoder.params["encoder.layer.1.attention.self.value.weight"].data(),
  );
  disposeParams(params);
});

Deno.test("changes are drawn by the seed, within the bounds of a linear layer, and dropout falls before them", async () => {
  await useEngine();
  const folder = await tinySpeechFolder("tiny-wav2vec2", { apply_spec_augment: false });
  const encoder = modelEncoder(await readSpeechEncoder(folder)),
    options = {
      r: 4,
      alpha: 8,
      dropout: 0.5,
      targets: ["q_proj", "v_proj"],
    };
  const [a, b, c] = [1, 1, 2].map((seed) => withLora(encoder, options, seed));
  const down = `encoder.layers.0.attention.q_proj${DOWN}`;
  deepEqual(await a.params[down].data(), await b.params[down].data());
  notDeepEqual(await a.params[down].data(), await c.params[down].data());
  const values = await a.params[down].data(), bound = 1 / Math.sqrt(24);
  ok(values.every((x) => Math.abs(x) <= bound) && Math.max(...values) > 0.8 * bound);
  equal(Object.keys(a.params).length - Object.keys(encoder.params).length, 2 * 2 * 3);
  throws(
    () => withLora(encoder, { ...options, targets: ["query"] }, 1),
    /Expected linear layers of hf:.* \(.*q_proj.*\) but found query at the targets of lora/,
  );
  for (const { params } of [a, b, c]) disposeParams(trainedOf(params));
  disposeParams(encoder.params);
});

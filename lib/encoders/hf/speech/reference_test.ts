/** Hidden states and gradients equal PyTorch's, on every engine. */
import * as tf from "@tensorflow/tfjs-core";
import { currentEngine, ENGINES, useEngine } from "../../../compute/mod.ts";
import { disposeParams, dropoutKeys } from "../../../nn/mod.ts";
import { readSafetensors } from "../../../files/safetensors.ts";
import * as assert from "../../../testing/assert.ts";
import { underTest } from "../../../testing/engines.ts";
import { testWith } from "../../../testing/needs.ts";
import { requireGradients, requireStates, tensorOf } from "../../../testing/reference.ts";
import { fixture } from "../../../testing/shared.ts";
import { tinySpeechModel } from "../../../testing/tiny_encoders.ts";
import { tensorsOf } from "../../encode_rows.ts";
import { paramsFrom } from "../../params.ts";
import { readSpeechWeights, speechModel } from "./speech_model.ts";
import { masksOf, type SpeechInputs } from "./waveform.ts";

const evaluation = { training: false, dropout: dropoutKeys(0, 0) };

/**
 * The reference of each model: PyTorch's numbers for a batch ("expected"), or for each utterance alone
 * ("alone"), because in PyTorch padding reaches group norm and data2vec's positions.
 */
const references: [name: string, file: string][] = [
  ["tiny-wav2vec2-stable", "expected"],
  ["tiny-wav2vec2", "alone"],
  ["tiny-hubert", "alone"],
  ["tiny-wavlm", "alone"],
  ["tiny-unispeech", "alone"],
  ["tiny-unispeech-sat", "alone"],
  ["tiny-data2vec-audio", "alone"],
];

async function load(name: string, file: string) {
  const folder = fixture(`encoders/${name}`);
  const model = await tinySpeechModel(name);
  const { tensors: given } = await readSafetensors(`${folder}/expected.safetensors`);
  const { tensors } = await readSafetensors(`${folder}/${file}.safetensors`);
  const inputs: SpeechInputs = {
    samples: tensorOf(given["input.input_values"]),
    ...tensorsOf<Omit<SpeechInputs, "samples">>(masksOf([640, 500, 333], 640, model.config)),
  };
  return { model, given, tensors, inputs, cotangent: tensorOf(given["input.cotangent"]) };
}

for (const engine of ENGINES) {
  for (const [name, file] of references) {
    testWith(engine, `all hidden states and gradients of ${name} equal PyTorch's on ${engine}`, async () => {
      await useEngine(underTest(engine));
      const { model: { params, apply }, given, tensors, inputs, cotangent } = await load(name, file);
      currentEngine().resetStats();
      const { hiddenStates, states, mask } = tf.tidy(() => apply(params, inputs, evaluation));
      assert.deepEqual([...await mask.data()], [...given["output.frame_mask"].data]);
      assert.equal(hiddenStates!.length, 4);
      for (const [i, hidden] of hiddenStates!.entries()) {
        const expected = tensors[`output.hidden_states.${i}`].data;
        await requireStates(hidden, expected, mask, `hidden state ${i}`);
      }
      const [, length, width] = states.shape, last = await states.data();
      for (let row = 0; row < 3; row++) {
        const alone = given[`alone.${row}.last_hidden`].data, start = row * length * width;
        assert.ok(alone.every((x, i) => Math.abs(x - last[start + i]) < 1e-5), `utterance ${row}`);
      }
      const trained = { ...params };
      delete trained.masked_spec_embed; // used only in training
      await requireGradients(
        () => tf.sum(tf.mul(apply(params, inputs, evaluation).states, cotangent)),
        trained,
        tensors,
      );
      const { fallbacks, graphsUsingHost } = currentEngine().stats();
      assert.deepEqual([fallbacks, graphsUsingHost], [{}, 0]);
      tf.dispose([hiddenStates!, cotangent, Object.values(inputs)]);
      disposeParams(params);
    });
  }
}

Deno.test("states of tiny-wav2vec2 with other activations equal PyTorch's", async () => {
  await useEngine();
  const { model: { family, config }, given, inputs } = await load("tiny-wav2vec2", "alone");
  const { tensors } = await readSafetensors(fixture("encoders/tiny-wav2vec2/activations.safetensors"));
  const changed = {
    family,
    config: { ...config, hidden_act: "relu", feat_extract_activation: "gelu_new" } as const,
  };
  const weights = await readSpeechWeights(fixture("encoders/tiny-wav2vec2"), changed);
  const params = paramsFrom(weights), { apply } = speechModel(changed);
  const { states } = tf.tidy(() => apply(params, inputs, evaluation));
  const [, length, width] = states.shape, all = await states.data();
  for (let row = 0; row < 3; row++) {
    const alone = tensors[`alone.${row}.last_hidden`].data, start = row * length * width;
    assert.equal(alone.length, given[`alone.${row}.last_hidden`].data.length);
    assert.ok(alone.every((x, i) => Math.abs(x - all[start + i]) < 1e-5), `utterance ${row}`);
  }
  tf.dispose([states, Object.values(inputs)]);
  disposeParams(params);
});

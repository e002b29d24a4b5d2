/**
 * Compares exported models with PyTorch: heads of lib/testing/fixtures/fusion and encoders of its
 * fixtures/encoders.
 */
import * as tf from "@tensorflow/tfjs-core";
import { type Feed, useEngine } from "../compute/mod.ts";
import { disposeParams, type Params } from "../nn/mod.ts";
import type { ModelEncoder } from "../encoders/encoder.ts";
import { speechEncoderOf } from "../encoders/hf/mod.ts";
import { readSpeechWeights } from "../encoders/hf/speech/speech_model.ts";
import { textGraphInputs } from "../encoders/hf/text_graph.ts";
import { textTokenizer } from "../encoders/hf/tokenizer.ts";
import { normalised } from "../encoders/hf/speech/waveform.ts";
import { modelEncoder } from "../encoders/network.ts";
import { softmax } from "../eval/mod.ts";
import { readJson } from "../files/json.ts";
import { type RawTensor, readSafetensors } from "../files/safetensors.ts";
import { HEAD_FIXTURES, variables, withPrefix } from "../fusion/testing.ts";
import { ok } from "../testing/assert.ts";
import { fixture, jsonFixture } from "../testing/shared.ts";
import { tinySpeech, tinyTextModel } from "../testing/tiny_encoders.ts";
import { classifierGraph } from "./classifier_graph.ts";
import { encoderInputs, type PartInputs, stateInputs } from "./parts_inputs.ts";
import { difference, modelOf, outputOf } from "./testing.ts";

await useEngine();
const about = { metadata: {}, at: "the test" };

/** Splits a fixture's numbers into rows, `[B][...]`. */
const rowsOf = ({ data, shape: [batch] }: RawTensor): number[][] =>
  Array.from(
    { length: batch },
    (_, b) => Array.from(data.slice(b * data.length / batch, (b + 1) * data.length / batch)),
  );

for (const [name, method, options] of HEAD_FIXTURES) {
  Deno.test(`${name}, exported, equals PyTorch: together, alone, and with extra padding`, async () => {
    const { tensors } = await readSafetensors(fixture(`fusion/${name}.safetensors`));
    const { hyper_parameters: { dt: text, da: audio, classes } } = jsonFixture(`fusion/${name}.json`);
    const params = variables(withPrefix(tensors, "param."));
    const model = modelOf(method, options, { text, audio, classes, params });
    const intakes = [stateInputs("text", text), stateInputs("audio", audio)]
      .filter(({ modality }) => model.encoders[modality]);
    const bytes = classifierGraph(model, intakes.map((intake) => ({ inputs: intake })), about);
    disposeParams(params);

    const expected = softmax(rowsOf(tensors["output.logits"]));
    const sides = intakes.map((intake) => {
      const { modality } = intake, masks = rowsOf(tensors[`input.${modality}_mask`]);
      const width = modality === "text" ? text : audio;
      const states = rowsOf(tensors[`input.${modality}`]);
      const real = states.map((row, b) => row.slice(0, masks[b].reduce((sum, m) => sum + m, 0) * width));
      return { intake, real };
    });
    const feed = (rows: number[], spare: number): Feed =>
      Object.assign({}, ...sides.map(({ intake, real }) => intake.feed(rows.map((b) => real[b]), spare)));
    const all = expected.map((_, b) => b);
    for (const [rows, spare] of [[all, 0], [all, 700], ...all.map((b) => [[b], 0])] as [number[], number][]) {
      const off = difference(await outputOf(bytes, feed(rows, spare)), rows.flatMap((b) => expected[b]));
      ok(off < 1e-6, `rows ${rows}, ${spare} more: ${off}`);
    }
  });
}

Deno.test("a missing modality, or none at all, is answered as plain TensorFlow.js answers", async () => {
  for (const method of ["early_fusion", "attention_pooling", "fine_grained", "memocmt"]) {
    const options = method === "fine_grained" || method === "memocmt" ? { width: 8, heads: 2 } : {};
    await useEngine({ engine: "onnx" });
    const model = modelOf(method, options, { text: 6, audio: 5, classes: 4 });
    const intakes = [stateInputs("text", 6), stateInputs("audio", 5)];
    const bytes = classifierGraph(model, intakes.map((intake) => ({ inputs: intake })), about);
    const ramp = (size: number) => Float32Array.from({ length: size }, (_, i) => Math.sin(i));
    const given = {
      text: [ramp(18), undefined, ramp(6), undefined],
      audio: [ramp(20), ramp(10), undefined, undefined],
    };
    const feed: Feed = Object.assign({}, ...intakes.map((intake) => intake.feed(given[intake.modality], 2)));
    await useEngine({ engine: "cpu" });
    const plain = (side: "text" | "audio", width: number) => {
      const rows = given[side], most = 4;
      const states = rows.map((
        row,
      ) => [...row ?? [], ...new Float32Array(most * width - (row?.length ?? 0))]);
      const mask = rows.map((row) =>
        Array.from({ length: most }, (_, i) => i * width < (row?.length ?? 0) ? 1 : 0)
      );
      return { states: tf.tensor(states.flat(), [4, most, width]), mask: tf.tensor2d(mask) };
    };
    const text = plain("text", 6), audio = plain("audio", 5);
    const { logits } = model.method.apply(
      model.params,
      { text: text.states, textMask: text.mask, audio: audio.states, audioMask: audio.mask } as never,
      model.options,
      { training: false, dropout: { next: () => 0 } },
    );
    const off = difference(await outputOf(bytes, feed), await tf.softmax(logits).data());
    ok(off < 1e-6, `${method}: ${off}`);
    disposeParams(model.params);
  }
  await useEngine({ engine: "onnx" });
});

/** A head whose logits are the mean hidden state, so that its answers show the encoder's. */
function bytesThrough(inside: ModelEncoder, intake: PartInputs, width: number): Uint8Array {
  const identity = Float32Array.from({ length: width * width }, (_, i) => i % (width + 1) ? 0 : 1);
  const params: Params = {
    "classifier.weight": tf.variable(tf.tensor(identity, [width, width])),
    "classifier.bias": tf.variable(tf.zeros([width])),
  };
  const method = intake.modality === "text" ? "text_only" : "audio_only";
  const model = modelOf(method, {}, { text: width, audio: width, classes: width, params });
  const bytes = classifierGraph(model, [{ inputs: intake, inside }], about);
  disposeParams(params);
  return bytes;
}

/** Returns the softmax of the mean of hidden states `[L][width]`. */
const throughMean = (states: ArrayLike<number>, length: number, width: number): number[] =>
  softmax([
    Array.from({ length: width }, (_, d) => {
      let sum = 0;
      for (let i = 0; i < length; i++) sum += states[i * width + d];
      return sum / length;
    }),
  ])[0];

for (const name of ["tiny-bert", "tiny-roberta", "tiny-camembert", "tiny-distilbert"]) {
  Deno.test(`${name} in a graph equals PyTorch with any ids at padding`, async () => {
    const folder = fixture(`encoders/${name}`), model = await tinyTextModel(name);
    const tokenizer = await readJson(fixture("tokenizers/tiny-roberta/tokenizer.json"));
    const inputs = textGraphInputs(
      textTokenizer({ "tokenizer.json": tokenizer }, name),
      model.config.pad_token_id!,
    );
    const inside = { ...model, modality: "text" } as unknown as ModelEncoder;
    const intake = encoderInputs(inside, inputs);
    const bytes = bytesThrough(inside, intake, 24);
    disposeParams(model.params);

    const { tensors } = await readSafetensors(`${folder}/expected.safetensors`);
    const states = rowsOf(tensors["output.last_hidden"]), masks = rowsOf(tensors["input.attention_mask"]);
    const ids = rowsOf(tensors["input.input_ids"]).map((row, b) => row.filter((_, i) => masks[b][i]));
    const expected = ids.map((row, b) => throughMean(states[b], row.length, 24));
    for (const spare of [0, 7]) {
      const off = difference(await outputOf(bytes, intake.feed(ids, spare)), expected.flat());
      ok(off < 1e-5, `${spare} more: ${off}`);
    }
    for (const [b, row] of ids.entries()) {
      const off = difference(await outputOf(bytes, intake.feed([row], 0)), expected[b]);
      ok(off < 1e-5, `row ${b} alone: ${off}`);
    }
  });
}

async function speechEncoder(name: string, do_normalize: boolean): Promise<ModelEncoder> {
  const folder = fixture(`encoders/${name}`);
  const weights = await readSpeechWeights(folder, tinySpeech(name));
  const files = {
    "config.json": await readJson(`${folder}/config.json`),
    "preprocessor_config.json": { do_normalize },
  };
  return modelEncoder(speechEncoderOf(name, files, weights, folder));
}

const speechInputs = (inside: ModelEncoder, most?: number) =>
  encoderInputs(inside, inside.graphInputs!(most));

for (
  const name of ["tiny-wav2vec2", "tiny-wav2vec2-stable", "tiny-hubert", "tiny-wavlm", "tiny-data2vec-audio"]
) {
  Deno.test(`${name} in a graph equals PyTorch for each utterance alone, with any padding`, async () => {
    const { tensors } = await readSafetensors(fixture(`encoders/${name}/expected.safetensors`));
    const lengths = [640, 500, 333], given = rowsOf(tensors["input.input_values"]);
    const rows = lengths.map((length, b) => given[b].slice(0, length));
    const expected = lengths.map((_, b) => {
      const { data, shape: [length, width] } = tensors[`alone.${b}.last_hidden`];
      return throughMean(data, length, width);
    });
    const inside = await speechEncoder(name, false), intake = speechInputs(inside);
    const bytes = bytesThrough(inside, intake, 24);
    for (const spare of [0, 1, 9000]) {
      const off = difference(await outputOf(bytes, intake.feed(rows, spare)), expected.flat());
      ok(off < 1e-5, `${spare} more: ${off}`);
    }
    for (const [b, row] of rows.entries()) {
      const off = difference(await outputOf(bytes, intake.feed([row], 0)), expected[b]);
      ok(off < 1e-5, `utterance ${b} alone: ${off}`);
    }
    disposeParams(inside.params);
  });
}

Deno.test("the graph normalises samples over each utterance alone, however few it has", async () => {
  const bytesFor = async (normalise: boolean) => {
    const inside = await speechEncoder("tiny-wav2vec2-stable", normalise), intake = speechInputs(inside);
    const bytes = bytesThrough(inside, intake, 24);
    disposeParams(inside.params);
    return { bytes, intake };
  };
  const inGraph = await bytesFor(true), before = await bytesFor(false);
  const rows = [900, 61, 3].map((length) =>
    Float32Array.from({ length }, (_, i) => 0.2 + 0.01 * Math.sin(i * i))
  );
  const actual = await outputOf(inGraph.bytes, inGraph.intake.feed(rows, 50));
  const expected = await outputOf(before.bytes, before.intake.feed(rows.map(normalised), 50));
  const off = difference(actual, expected);
  ok(off < 1e-5, `${off}`);
});

Deno.test("an encoder inside a model reads only the samples that its maximum length needs", async () => {
  const inside = await speechEncoder("tiny-wav2vec2", false);
  const whole = speechInputs(inside), cut = speechInputs(inside, 12);
  const { tensors } = await readSafetensors(fixture("encoders/tiny-wav2vec2/expected.safetensors"));
  const row = rowsOf(tensors["input.input_values"])[0];
  const read = inside.preprocess.rowOf(Float32Array.from(row) as never, 12);
  const expected = await outputOf(bytesThrough(inside, whole, 24), whole.feed([read], 0));
  const off = difference(await outputOf(bytesThrough(inside, cut, 24), cut.feed([row], 5)), expected);
  ok(read.length < row.length && off < 1e-6, `${off}`);
  disposeParams(inside.params);
});

Deno.test("a clip without samples counts as no speech", async () => {
  const inside = await speechEncoder("tiny-hubert", true), intake = speechInputs(inside);
  const [silent] = [await outputOf(bytesThrough(inside, intake, 24), intake.feed([undefined], 0))];
  const off = difference(silent, new Float32Array(24).fill(1 / 24)); // the mean of nothing is 0
  ok(off < 1e-6, `${off}`);
  disposeParams(inside.params);
});

/**
 * Fine-tuning equals PyTorch's: a tiny BERT or wav2vec2, masked mean, a linear layer, AdamW with two learning
 * rates.
 */
import { deepEqual, ok } from "../testing/assert.ts";
import { ENGINES, useEngine } from "../compute/mod.ts";
import { disposeParams } from "../nn/mod.ts";
import type { Example } from "../data/mod.ts";
import { type EncoderFiles, type Modality, restoreEncoder } from "../encoders/mod.ts";
import { type RawTensor, readSafetensors } from "../files/safetensors.ts";
import { fusionMethod } from "../fusion/mod.ts";
import { type Classifier, forward, newClassifier, reader } from "../model/mod.ts";
import { parseWith } from "../schema.ts";
import { underTest } from "../testing/engines.ts";
import { testWith } from "../testing/needs.ts";
import { fixture, jsonFixture } from "../testing/shared.ts";
import { type TrainConfig, trainConfig } from "../config/train.ts";
import type { StepEvent } from "../train/events.ts";
import { crossEntropy, targetsOf } from "../train/losses.ts";
import { adamW } from "../train/optimizer.ts";
import { freezePlan, groupsOf, phasesOf } from "../config/plan.ts";
import { restoreParams, tensorsOf } from "../train/restore.ts";
import { train } from "../train/trainer.ts";

interface ReferenceStep {
  loss: number;
  grad_norm: number;
  lr_head: number;
}

const folder = fixture("encoders/training");

const configOf = async (name: string): Promise<Record<string, unknown>> =>
  JSON.parse(await Deno.readTextFile(`${fixture(`encoders/${name}`)}/config.json`));

/** A model and rows of the reference. */
interface Part {
  modality: Modality;
  /** The method that reads them. */
  method: string;
  /** The fixture with the first weights and the batches. */
  start: string;
  /** The tensor of a batch with the rows. */
  input: string;
  /** The files of the encoder, without dropout. */
  files: () => Promise<EncoderFiles>;
}

const words: Part = {
  modality: "text",
  method: "text_only",
  start: "full",
  input: "input_ids",
  files: async () => ({
    "config.json": {
      ...await configOf("tiny-bert"),
      hidden_dropout_prob: 0,
      attention_probs_dropout_prob: 0,
    },
    // The rows are token ids already.
    "tokenizer.json": {
      model: { type: "WordPiece", vocab: { "[UNK]": 0 }, unk_token: "[UNK]" },
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: null,
      post_processor: null,
      decoder: null,
    },
  }),
};

const sounds: Part = {
  modality: "audio",
  method: "audio_only",
  start: "speech",
  input: "input_values",
  files: async () => ({
    "config.json": {
      ...await configOf("tiny-wav2vec2-stable"),
      ...{ hidden_dropout: 0, attention_dropout: 0, activation_dropout: 0, apply_spec_augment: false },
    },
    "preprocessor_config.json": { do_normalize: false, sampling_rate: 16000 },
  }),
};

type Tensors = Record<string, RawTensor>;

/** Returns the tensors of the fixture with this prefix, under the model's names. */
const named = (start: string, modality: Modality, tensors: Tensors) =>
  Object.fromEntries(
    Object.entries(tensors).filter(([name]) => name.startsWith(start))
      .map(([name, tensor]) => [name.slice(start.length).replace(/^encoder\./, `${modality}.`), tensor]),
  );

async function modelAtStart({ modality, method, files }: Part, given: Tensors): Promise<Classifier> {
  const weights = Object.fromEntries(
    Object.entries(given).filter(([name]) => name.startsWith("initial.encoder."))
      .map(([name, tensor]) => [name.slice("initial.encoder.".length), tensor]),
  );
  const encoder = await restoreEncoder(modality, "hf:tiny", await files(), weights, "the fixture");
  const model = newClassifier({
    method: fusionMethod(method),
    options: { pooling: "mean", hidden: 0, dropout: 0, input_dropout: 0 },
    labels: ["a", "b", "c", "d"],
    encoders: { [modality]: { id: "hf:tiny", fingerprint: "", width: 24 } },
    modelEncoders: { [modality]: encoder },
    maxLength: { text: 128, audio: 512 },
    seed: 1,
  });
  restoreParams(model.params, named("initial.", modality, given), { at: "the fixture" });
  return model;
}

/** Returns the rows of the three batches, in order. */
const examplesOf = ({ modality, input }: Part, given: Tensors): Example[] =>
  [0, 1, 2].flatMap((batch) => {
    const { data, shape: [rows, length] } = given[`batch.${batch}.${input}`];
    const mask = given[`batch.${batch}.attention_mask`].data, labels = given[`batch.${batch}.labels`].data;
    return Array.from({ length: rows }, (_, i) => {
      const at = i * length,
        count = Array.from(mask.subarray(at, at + length)).filter((valid) => valid).length;
      const row = data.slice(at, at + count) as Float32Array;
      return {
        id: `${batch}-${i}`,
        raw: { [modality]: { row, length: row.length } },
        target: { kind: "class", value: Number(labels[i]) },
      };
    });
  });
const batches = [0, 4, 8].map((first) => Int32Array.from({ length: 4 }, (_, i) => first + i));

const CASES: [name: string, part: Part, accumulate: number][] = [
  ["full", words, 1],
  ["accumulate2", words, 2],
  ["speech", sounds, 1],
];

for (const engine of ENGINES) {
  for (const [name, part, accumulate] of CASES) {
    testWith(
      part === sounds && engine === "cpu" ? [engine, "time"] : engine,
      `losses, norms, rates and weights of fine-tuning (${name}) equal PyTorch's on ${engine}`,
      async () => {
        await useEngine(underTest(engine));
        const { modality } = part;
        const { tensors: given } = await readSafetensors(`${folder}/${part.start}.safetensors`);
        const examples = examplesOf(part, given);
        const reference = jsonFixture(`encoders/training/${name}.json`),
          steps: ReferenceStep[] = reference.steps;
        const { lr_encoder, lr_head, weight_decay, clip_grad_norm } = reference.optimizer;
        const { warmup, total } = reference.schedule;
        const model = await modelAtStart(part, given), { feed } = reader(model, examples);
        const options: TrainConfig = parseWith(trainConfig, {
          lr: lr_head,
          encoder_lr: lr_encoder,
          weight_decay,
          train: [modality, "head"],
        }, "the test");
        const names = Object.keys(model.params), told: StepEvent[] = [];
        // Batches rotate 0, 1, 2: an epoch is as many of them as make whole updates.
        const rotation = accumulate === 1 ? batches : [...batches, ...batches];
        const run = train<Int32Array>({
          params: model.params,
          batches: () => rotation,
          rows: (batch) => batch.length,
          feed(batch) {
            const { inputs, weight } = targetsOf(
              Int32Array.from(batch, (row) => examples[row].target!.value as number),
              4,
            );
            return { inputs: { ...feed(batch), ...inputs }, weight };
          },
          loss: (inputs, context) => crossEntropy(forward(model, inputs, context).logits, inputs),
          evaluate: () => Promise.resolve({ score: 0 }),
        }, {
          epochs: total * accumulate / rotation.length,
          accumulate,
          optimizer: adamW(),
          groups: groupsOf(options, names),
          schedule: "linear",
          warmup: warmup / total,
          clip: clip_grad_norm,
          freeze: freezePlan(phasesOf(options), options, names),
          select: "score",
          higherIsBetter: true,
          patience: 0,
          seed: 1,
        });
        for await (const event of run) if (event.type === "step") told.push(event);
        deepEqual(told.length, total);
        const { loss, grad_norm, final } = reference.tolerance;
        told.forEach((event, i) => {
          ok(Math.abs(event.loss - steps[i].loss) <= loss, `loss ${event.loss} for ${steps[i].loss}`);
          ok(Math.abs(event.gradientNorm! - steps[i].grad_norm) <= grad_norm, `norm of step ${i}`);
          ok(Math.abs(event.lr - steps[i].lr_head) <= 1e-12, `rate of step ${i}`);
        });
        const { tensors: ended } = await readSafetensors(`${folder}/${name}.safetensors`);
        const trained = await tensorsOf(model.params);
        for (const [name, { data }] of Object.entries(named("final.", modality, ended))) {
          if (/(key|k_proj)\.bias$/.test(name)) continue;
          const most = (data as Float32Array).reduce(
            (most, x, i) => Math.max(most, Math.abs(x - trained[name].data[i])),
            0,
          );
          ok(most <= final, `${name}: ${most}`);
        }
        disposeParams(model.params);
      },
    );
  }
}

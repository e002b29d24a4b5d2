/** Cases on encoders: fine-tuning steps with a linear head on the mean hidden state, and forward passes. */
import type * as tf from "@tensorflow/tfjs-core";
import type { Feed } from "../../lib/compute/mod.ts";
import { disposeParams, linearLayer, maskedMean, type Params } from "../../lib/nn/mod.ts";
import {
  eightBit,
  frozenEncoder,
  lowerStates,
  type NetworkEncoder,
  paramsFrom,
} from "../../lib/encoders/mod.ts";
import { random } from "../../lib/random.ts";
import { adamW, crossEntropy, targetsOf, train, type TrainOptions } from "../../lib/train/mod.ts";
import type { Case, PytorchTensor, Settings, Sides } from "./case.ts";
import {
  BERT_BASE,
  type Config,
  type EncoderKind,
  MINILM,
  randomWeights,
  type Row,
  speech,
  text,
  WAV2VEC2_BASE,
  withoutChance,
} from "./encoder_models.ts";
import { firstLosses, nextEpoch } from "./epochs.ts";
import { inFile } from "./weights_in_file.ts";

/**
 * An encoder and the work of a round: `batches` batches of `rows` rows of up to `length` tokens or samples.
 */
export interface Work {
  kind: EncoderKind;
  config: Config;
  batches: number;
  rows: number;
  length: number;
  /** Parameters under these prefixes are frozen. */
  frozen?: readonly string[];
}

const CLASSES = 7;
const SEED = 1;

/** Usual settings for fine-tuning. */
const LR = 2e-5, WEIGHT_DECAY = 0.01, CLIP = 1;

/** Number of first steps whose losses must be equal on both sides. */
const CHECKED = 3;

/** Tolerance between losses in half precision, whose numbers have 11 binary digits. */
const SAME_IN_HALF = 5e-3;

/** Number of values of each row's first hidden state that must be equal on both sides. */
const CHECKED_WIDTH = 8;

/** Returns the names and shapes of the parameters of an encoder and its head. */
const shapesOf = ({ kind, config }: Work) => ({
  ...kind.shapes(config),
  "classifier.weight": [CLASSES, config.hidden_size as number],
  "classifier.bias": [CLASSES],
});

/** Returns the preprocessing of rows, which are inputs already. */
const preprocessOf = ({ kind, config }: Work) => ({
  rowOf: (row: ArrayLike<number>) => row,
  batchSize: kind.batchSize,
  statesOf: (row: ArrayLike<number>) => row.length,
  pad: (rows: readonly ArrayLike<number>[]) => kind.pad(rows as Row[], config),
  passOf: kind.passOf && ((row: ArrayLike<number>) => kind.passOf!(row as Row, config)),
});

/** Returns the rows of a round in batches, with labels. */
function batchesOf({ kind, batches, rows, length }: Work) {
  const draw = random(SEED + 1);
  return Array.from({ length: batches }, () => ({
    rows: Array.from({ length: rows }, () => kind.row(length, draw)),
    labels: Int32Array.from({ length: rows }, () => draw.integer(CLASSES)),
  }));
}

/**
 * Times the training loop on an encoder and its head. A round is an epoch. What a frozen lower part gives is
 * computed before the first one, which is not timed.
 */
export function finetune(id: string, summary: string, work: Work): Case {
  const { kind, config, frozen = [] } = work;
  return {
    id,
    summary,
    prepare({ rounds, precision = "fp32" }: Settings): Promise<Sides> {
      const batches = batchesOf(work);
      const targets = batches.map(({ labels }) => targetsOf(labels, CLASSES));
      const lower = kind.lower?.(config), isCut = lower && frozen.includes(lower.prefix);
      const params: Params[] = [];
      const start = (config: Config) => {
        const model = kind.model(config), all = paramsFrom(randomWeights(shapesOf(work), SEED));
        let feeds: Feed[] = [];
        params.push(all);
        return train({
          params: all,
          batches: () => batches.map((_, i) => i),
          rows: () => work.rows,
          async enter() {
            const encoder = { id, modality: "audio" as const, params: all, preprocess: preprocessOf(work) };
            feeds = [];
            for (const { rows } of batches) {
              feeds.push(
                isCut ? lower.pad(await lowerStates({ ...encoder, lower }, rows)) : kind.pad(rows, config),
              );
            }
          },
          feed: (i) => ({ ...targets[i], inputs: { ...targets[i].inputs, ...feeds[i] } }),
          loss({ targets, truth, ...inputs }, context) {
            const { states, mask } = model.apply(all, inputs, context);
            const logits = linearLayer(all, "classifier", maskedMean(states, mask)) as tf.Tensor2D;
            return crossEntropy(logits, { targets, truth });
          },
          evaluate: () => Promise.resolve({ loss: 0 }),
          // The warm-up is a round, too.
        }, { ...trainOptions(rounds + 1, Object.keys(all), frozen), precision });
      };
      let run: ReturnType<typeof train> | undefined;
      return Promise.resolve({
        unit: { name: "step", perRound: work.batches },
        async check() {
          const losses = await firstLosses(start(withoutChance(config)), CHECKED);
          disposeParams(params.pop()!);
          return losses;
        },
        ...precision === "fp16" && { tolerance: SAME_IN_HALF },
        round: () => nextEpoch(run ??= start(config)),
        pytorch: {
          module: "encoders",
          variants: ["AdamW", "AdamW fused"],
          spec: {
            encoder: kind.pytorch,
            config,
            exact: withoutChance(config),
            frozen,
            rows: work.rows,
            checked: CHECKED,
            half: precision === "fp16",
            lr: LR,
            weight_decay: WEIGHT_DECAY,
            clip: CLIP,
          },
          tensors: () => [
            ...parametersOf(work),
            ...rowsOf(batches.flatMap(({ rows }) => rows)),
            { name: "labels", shape: [work.rows * work.batches], parts: batches.map(({ labels }) => labels) },
          ],
        },
        close: () => params.forEach(disposeParams),
      });
    },
  };
}

/**
 * Times forward passes of a frozen encoder, from rows to hidden states. A round encodes each batch once, with
 * `eight` by 8-bit weights. What is compared beforehand are the states of float32 weights.
 */
export function forward(id: string, summary: string, work: Work, { eight = false } = {}): Case {
  const { kind, config } = work;
  return {
    id,
    summary,
    async prepare(): Promise<Sides> {
      const batches = batchesOf(work),
        { weights, remove } = await inFile(() => randomWeights(kind.shapes(config), SEED));
      const { apply } = kind.model(config), preprocess = preprocessOf(work);
      const network: NetworkEncoder<Row> = {
        id,
        modality: kind === text ? "text" : "audio",
        width: config.hidden_size as number,
        files: {},
        identity: [id],
        weights,
        apply: apply as NetworkEncoder<Row>["apply"],
        preprocess,
        recordedAt: (batch, length) => kind.ofSize(batch, length, config),
      };
      const float = frozenEncoder(network, { graphFrom: 0 }), timed = eight ? eightBit(network) : float;
      return {
        unit: { name: "batch", perRound: work.batches },
        async check() {
          const sequences = await float.encode(batches[0].rows);
          if (eight) float.release!();
          return sequences.flatMap(({ data }) => [...data.subarray(0, CHECKED_WIDTH)]);
        },
        async round() {
          for (const { rows } of batches) await timed.encode(rows);
        },
        pytorch: {
          module: "encoders",
          variants: ["no_grad"],
          spec: { encoder: kind.pytorch, config, rows: work.rows, checked: CHECKED_WIDTH },
          tensors: () => [...parametersOf(work), ...rowsOf(batches.flatMap(({ rows }) => rows))],
        },
        close() {
          timed.release!();
          remove();
        },
      };
    },
  };
}

/** Returns the initial parameters of both sides. */
const parametersOf = (work: Work): PytorchTensor[] =>
  Object.entries(randomWeights(shapesOf(work), SEED)).map(([name, { shape, data }]) => ({
    name: `param.${name}`,
    shape,
    parts: [data as Float32Array<ArrayBuffer>],
  }));

const rowsOf = (rows: readonly Row[]): PytorchTensor[] => [
  { name: "rows", shape: [rows.reduce((sum, { length }) => sum + length, 0)], parts: rows },
  { name: "lengths", shape: [rows.length], parts: [Int32Array.from(rows, ({ length }) => length)] },
];

export function trainOptions(
  epochs: number,
  names: readonly string[],
  frozen: readonly string[],
): TrainOptions {
  const trained = names.filter((name) => !frozen.some((prefix) => name.startsWith(`${prefix}.`)));
  return {
    epochs,
    accumulate: 1,
    optimizer: adamW(),
    groups: [{ prefix: "", lr: LR, weightDecay: WEIGHT_DECAY }],
    schedule: "constant",
    warmup: 0,
    clip: CLIP,
    freeze: [{ epochs, train: trained }],
    select: "loss",
    higherIsBetter: false,
    patience: 0,
    seed: SEED,
  };
}

const minilm = (length: number) =>
  finetune(
    `finetune:minilm:${length}`,
    `A fine-tuning step of MiniLM-L6's size, batch 16, up to ${length} tokens.`,
    {
      kind: text,
      config: MINILM,
      batches: 4,
      rows: 16,
      length,
    },
  );

const bert = { kind: text, config: BERT_BASE, length: 48 };
const wav2vec2 = { kind: speech, config: WAV2VEC2_BASE, length: 3 * 16000 };

export const encoderCases: readonly Case[] = [
  minilm(32),
  minilm(64),
  finetune("finetune:bert-base", "A fine-tuning step of BERT base's size, batch 4, up to 48 tokens.", {
    ...bert,
    batches: 3,
    rows: 4,
  }),
  finetune(
    "finetune:wav2vec2-base",
    "A fine-tuning step of wav2vec2 base's size, batch 4 of 3 s. Its frozen convolutions are computed " +
      "once, before it; PyTorch computes them in each step.",
    { ...wav2vec2, batches: 3, rows: 4, frozen: ["feature_extractor"] },
  ),
  forward("forward:bert-base", "A forward pass of BERT base's size, 16 texts of up to 48 tokens.", {
    ...bert,
    batches: 1,
    rows: 16,
  }),
  forward("forward:wav2vec2-base", "A forward pass of wav2vec2 base's size, 8 clips of 3 s.", {
    ...wav2vec2,
    batches: 1,
    rows: 8,
  }),
  forward(
    "forward:bert-base:q8",
    "The forward pass of BERT base's size with 8-bit weights, beside PyTorch's float32.",
    { ...bert, batches: 1, rows: 16 },
    { eight: true },
  ),
  forward(
    "forward:wav2vec2-base:q8",
    "The forward pass of wav2vec2 base's size with 8-bit weights, beside PyTorch's float32.",
    { ...wav2vec2, batches: 1, rows: 8 },
    { eight: true },
  ),
];

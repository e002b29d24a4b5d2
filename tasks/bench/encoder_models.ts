/**
 * Encoders of well-known sizes with random weights, and random rows, for timing fine-tuning and forward
 * passes.
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Feed } from "../../lib/compute/mod.ts";
import {
  lowestConvolutions,
  type Model,
  padded,
  paddedTexts,
  type Shapes,
  speechArchitecture,
  speechModel,
  speechOfSize,
  speechPass,
  speechShapes,
  textArchitecture,
  textModel,
  textOfSize,
  transformerShapes,
} from "../../lib/encoders/hf/mod.ts";
import type { LowerPart, Weights } from "../../lib/encoders/mod.ts";
import { type Random, random } from "../../lib/random.ts";
import { noise, upTo } from "./hidden_states.ts";

/** The contents of `config.json`. */
export type Config = Record<string, unknown>;

/** A row: token ids, or samples. */
export type Row = Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** How to create an encoder of a modality from a configuration, and its inputs. */
export interface EncoderKind {
  /** The Python module of the same encoder. */
  pytorch: string;
  shapes(config: Config): Shapes;
  model(config: Config): Model<tf.NamedTensorMap>;
  /** The lowest part, which is computed once while it is frozen. */
  lower?(config: Config): LowerPart;
  /** Returns a row of up to `length` tokens or samples. */
  row(length: number, draw: Random): Row;
  /**
   * Returns rows as one padded batch, as in training; texts as long as a multiple of `stride` (default 1).
   */
  pad(rows: readonly Row[], config: Config, stride?: number): Feed;
  /** Returns inputs of a batch of rows of about `length` states, whatever their values. */
  ofSize(batch: number, length: number, config: Config): Feed;
  /** Maximum number of rows in a forward pass of the frozen encoder. */
  batchSize: number;
  /** Which rows share such a pass; see `Preprocess`. */
  passOf?(row: Row, config: Config): { key: number; rows: number; whole: boolean };
}

const AT = "the benchmark";

/** Size of BERT's vocabulary. Its first tokens are special or unused. */
const WORDS = { all: 30522, unused: 1000 };

export const text: EncoderKind = {
  pytorch: "bert",
  shapes: (config) => transformerShapes(textArchitecture(config, AT).config),
  model: (config) => textModel(textArchitecture(config, AT)),
  row: (length, draw) =>
    Int32Array.from(
      { length: upTo(length)(draw) },
      () => WORDS.unused + draw.integer(WORDS.all - WORDS.unused),
    ),
  pad(rows, _, stride = 1) {
    const most = Math.max(...rows.map((row) => row.length));
    return paddedTexts(rows, Math.ceil(most / stride) * stride, 0);
  },
  ofSize: textOfSize,
  batchSize: 32,
};

export const speech: EncoderKind = {
  pytorch: "wav2vec2",
  shapes: (config) => speechShapes(speechArchitecture(config, AT)),
  model: (config) => speechModel(speechArchitecture(config, AT)),
  lower: (config) => lowestConvolutions(speechArchitecture(config, AT), ""),
  row: noise,
  pad: (rows, config) => padded(rows, speechArchitecture(config, AT).config),
  ofSize: (batch, length, config) => speechOfSize(batch, length, speechArchitecture(config, AT).config),
  batchSize: 1,
  passOf: (row, config) => speechPass(row, speechArchitecture(config, AT).config),
};

/** The configuration of all-MiniLM-L6. */
export const MINILM: Config = {
  model_type: "bert",
  vocab_size: WORDS.all,
  hidden_size: 384,
  num_hidden_layers: 6,
  num_attention_heads: 12,
  intermediate_size: 1536,
  max_position_embeddings: 512,
  type_vocab_size: 2,
  layer_norm_eps: 1e-12,
  hidden_dropout_prob: 0.1,
  attention_probs_dropout_prob: 0.1,
};

export const BERT_BASE: Config = {
  ...MINILM,
  hidden_size: 768,
  num_hidden_layers: 12,
  intermediate_size: 3072,
};

export const WAV2VEC2_BASE: Config = {
  model_type: "wav2vec2",
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  layer_norm_eps: 1e-5,
  conv_dim: [512, 512, 512, 512, 512, 512, 512],
  conv_kernel: [10, 3, 3, 3, 3, 2, 2],
  conv_stride: [5, 2, 2, 2, 2, 2, 2],
  num_conv_pos_embeddings: 128,
  num_conv_pos_embedding_groups: 16,
  hidden_dropout: 0.1,
  attention_dropout: 0.1,
  feat_proj_dropout: 0.1,
  activation_dropout: 0,
  layerdrop: 0,
  apply_spec_augment: true,
  mask_time_prob: 0.05,
  mask_time_length: 10,
  mask_time_min_masks: 2,
};

/**
 * Returns the configuration without dropout and masking, for comparisons: the two sides draw different random
 * numbers.
 */
export const withoutChance = (config: Config): Config =>
  Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      key === "apply_spec_augment" ? false : key.includes("dropout") ? 0 : value,
    ]),
  );

/**
 * Returns initial weights: norms and weight-norm lengths are 1, biases are 0, all others are small and
 * normal.
 */
export function randomWeights(shapes: Shapes, seed: number): Weights {
  const draw = random(seed), weights: Weights = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const size = shape.reduce((a, b) => a * b, 1);
    // Convolutions are initialised as in He et al. 2015.
    const deviation = shape.length === 3 ? Math.sqrt(2 / (shape[1] * shape[2])) : 0.02;
    const data = /norm\.weight$|original0$/i.test(name)
      ? new Float32Array(size).fill(1)
      : name.endsWith(".bias")
      ? new Float32Array(size)
      : noise(size, draw, deviation);
    weights[name] = { shape, data };
  }
  return weights;
}

/** Encoders of known sizes with weights at random, and rows for them: what fine-tuning and forward passes are timed on. */
import type * as tf from "@tensorflow/tfjs-core";
import type { Feed } from "../../lib/compute/mod.ts";
import {
  type Model,
  padded,
  type Shapes,
  speechArchitecture,
  speechModel,
  speechShapes,
  textArchitecture,
  textModel,
  transformerShapes,
} from "../../lib/encoders/hf/mod.ts";
import type { Weights } from "../../lib/encoders/mod.ts";
import { type Random, random } from "../../lib/random.ts";
import { noise, upTo } from "./hidden_states.ts";

/** What `config.json` says. */
export type Config = Record<string, unknown>;

/** Ids of tokens, or samples. */
export type Row = Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** How encoders of a modality are made of a configuration, and what goes into them. */
export interface EncoderKind {
  /** The Python module with PyTorch's side. */
  pytorch: string;
  shapes(config: Config): Shapes;
  model(config: Config): Model<tf.NamedTensorMap>;
  /** A row of up to `length` tokens or samples. */
  row(length: number, draw: Random): Row;
  /** Rows side by side, padded as the encoder's users get them. */
  pad(rows: readonly Row[], config: Config): Feed;
  /** Most rows of a forward pass of the frozen encoder. */
  batchSize: number;
}

const AT = "the benchmark";

/** BERT's vocabulary, of which the first words are special or not in use. */
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
  pad(rows) {
    const length = Math.max(...rows.map((row) => row.length)), shape = [rows.length, length];
    const ids = new Int32Array(rows.length * length), mask = new Float32Array(ids.length);
    rows.forEach((row, b) => {
      ids.set(row, b * length);
      mask.fill(1, b * length, b * length + row.length);
    });
    return { ids: { data: ids, shape }, mask: { data: mask, shape } };
  },
  batchSize: 32,
};

export const speech: EncoderKind = {
  pytorch: "wav2vec2",
  shapes: (config) => speechShapes(speechArchitecture(config, AT)),
  model: (config) => speechModel(speechArchitecture(config, AT)),
  row: noise,
  pad: (rows, config) => padded(rows, speechArchitecture(config, AT).config),
  batchSize: 1,
};

/** The size of all-MiniLM-L6. */
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

/** The same without chance, for comparisons: draws differ between the sides. */
export const withoutChance = (config: Config): Config =>
  Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      key === "apply_spec_augment" ? false : key.includes("dropout") ? 0 : value,
    ]),
  );

/** Weights as such models begin: norms and lengths 1, biases 0, all else normal and small. */
export function randomWeights(shapes: Shapes, seed: number): Weights {
  const draw = random(seed), weights: Weights = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const size = shape.reduce((a, b) => a * b, 1);
    const deviation = shape.length === 3 ? Math.sqrt(2 / (shape[1] * shape[2])) : 0.02; // convolutions: He et al. 2015
    const data = /norm\.weight$|original0$/i.test(name)
      ? new Float32Array(size).fill(1)
      : name.endsWith(".bias")
      ? new Float32Array(size)
      : noise(size, draw, deviation);
    weights[name] = { shape, data };
  }
  return weights;
}

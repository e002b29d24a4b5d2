/**
 * The encoder of BERT and related models (Devlin et al. 2019), with layer norm after each sum. Names are
 * PyTorch's.
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import {
  attend,
  checkpointed,
  dropout,
  embedding,
  type ForwardContext,
  linearLayer,
  normLayer,
  packed,
  type Packing,
  type Params,
  paramsUnder,
  unpacked,
} from "../../nn/mod.ts";
import { activate, activation } from "./activation.ts";
import { MOST_LAYERS } from "./architecture.ts";
import { linearShapes, normShapes, type Shapes } from "./weights.ts";

const size = z.int().min(1);
const share = z.number().min(0).lt(1).default(0.1);

/** The keys of `config.json` that BERT and related models share. Defaults are those of the reference. */
export const transformerConfig = z.object({
  vocab_size: size,
  hidden_size: size,
  num_hidden_layers: size.max(MOST_LAYERS),
  num_attention_heads: size,
  intermediate_size: size,
  max_position_embeddings: size,
  type_vocab_size: size.default(2),
  hidden_act: activation,
  position_embedding_type: z.literal("absolute").default("absolute"),
  is_decoder: z.literal(false).default(false),
  layer_norm_eps: z.number().positive().default(1e-12),
  hidden_dropout_prob: share,
  attention_probs_dropout_prob: share,
  pad_token_id: z.int().min(0).optional(),
});

/** Sizes of a transformer, by their names in `config.json`. */
export type TransformerConfig = Required<z.infer<typeof transformerConfig>>;

/** How a family names the linear layers and norms of a transformer's layer, and where dropout falls. */
export interface LayerNames {
  /** Start of the names in layer `index`. */
  layer(index: number): string;
  query: string;
  key: string;
  value: string;
  /** The output of attention, and the norm of its sum with the input. */
  attended: string;
  attendedNorm: string;
  /** Both layers of the feed-forward part, and the norm of its sum with the input. */
  inner: string;
  outer: string;
  outerNorm: string;
  /** Whether dropout falls on the output of attention. */
  dropsAttended: boolean;
}

/** The names in BERT and RoBERTa. */
export const BERT_NAMES: LayerNames = {
  layer: (index) => `encoder.layer.${index}`,
  query: "attention.self.query",
  key: "attention.self.key",
  value: "attention.self.value",
  attended: "attention.output.dense",
  attendedNorm: "attention.output.LayerNorm",
  inner: "intermediate.dense",
  outer: "output.dense",
  outerNorm: "output.LayerNorm",
  dropsAttended: true,
};

/** Returns the shape of every parameter by name, without the pooler, on which no hidden state depends. */
export function transformerShapes(config: TransformerConfig, names = BERT_NAMES): Shapes {
  const { hidden_size: width, intermediate_size: inner } = config;
  const shapes: Shapes = {
    "embeddings.word_embeddings.weight": [config.vocab_size, width],
    "embeddings.position_embeddings.weight": [config.max_position_embeddings, width],
    ...config.type_vocab_size ? { [`${TYPES}.weight`]: [config.type_vocab_size, width] } : {},
    ...normShapes("embeddings.LayerNorm", width),
  };
  for (let i = 0; i < config.num_hidden_layers; i++) {
    const under = (part: string) => `${names.layer(i)}.${part}`;
    Object.assign(
      shapes,
      linearShapes(under(names.query), width, width),
      linearShapes(under(names.key), width, width),
      linearShapes(under(names.value), width, width),
      linearShapes(under(names.attended), width, width),
      normShapes(under(names.attendedNorm), width),
      linearShapes(under(names.inner), width, inner),
      linearShapes(under(names.outer), inner, width),
      normShapes(under(names.outerNorm), width),
    );
  }
  return shapes;
}

/**
 * Computes hidden states `[B,L,D]` of ids `[B,L]`: those of the embeddings, then those of each of the first
 * `depth` layers. `positions` are rows of the position embedding, `[L]` or `[B,L]`; `mask` is `[B,L]`. With a
 * `packing`, padding is left out of all but attention. Every token has the first token type, if there are
 * types.
 */
export function transformer(
  params: Params,
  { ids, positions, mask, packing }: {
    ids: tf.Tensor2D;
    positions: tf.Tensor;
    mask: tf.Tensor2D;
    packing?: Packing;
  },
  config: TransformerConfig,
  depth: number,
  context: ForwardContext,
  names = BERT_NAMES,
): tf.Tensor3D[] {
  const [batch, length] = mask.shape;
  const keys: tf.Tensor4D = tf.reshape(mask, [batch, 1, 1, length]);
  const shape: Reshaping = {
    packed: (x) => packing ? packed(x, packing, mask) : x,
    padded: (x) => packing ? unpacked(x, packing, mask) : x,
  };
  const chosen = (each: tf.Tensor): tf.Tensor =>
    packing
      ? tf.expandDims(tf.gather(tf.reshape(tf.broadcastTo(each, mask.shape), [-1]), packing.kept), 0)
      : each;
  const states = [embeddings(params, chosen(ids), chosen(positions), config, context)];
  for (let i = 0; i < depth; i++) {
    const name = names.layer(i), inputs = { x: states[i], keys };
    const next = (given: typeof inputs) => layer(params, name, { ...given, shape }, config, context, names);
    states.push(
      context.gradientCheckpointing
        ? checkpointed(next, inputs, paramsUnder(params, `${name}.`))
        : next(inputs),
    );
  }
  return states.map(shape.padded);
}

/**
 * How states are packed, `[1,N,D]`, and padded again, `[B,L,D]`. Without a packing, both leave them alone.
 */
interface Reshaping {
  packed(states: tf.Tensor3D): tf.Tensor3D;
  padded(states: tf.Tensor3D): tf.Tensor3D;
}

const TYPES = "embeddings.token_type_embeddings";

function embeddings(
  params: Params,
  ids: tf.Tensor,
  positions: tf.Tensor,
  config: TransformerConfig,
  context: ForwardContext,
): tf.Tensor3D {
  const table = (name: string): tf.Tensor => params[`embeddings.${name}.weight`];
  const words = embedding(table("word_embeddings"), ids);
  const places = tf.gather(table("position_embeddings"), positions as tf.Tensor1D);
  const typed = config.type_vocab_size
    ? tf.add(words, tf.slice(params[`${TYPES}.weight`], [0, 0], [1, config.hidden_size]))
    : words;
  const sum = tf.add(typed, places) as tf.Tensor3D;
  const normed = normLayer(params, "embeddings.LayerNorm", sum, config.layer_norm_eps);
  return dropout(normed, config.hidden_dropout_prob, context);
}

function layer(
  params: Params,
  name: string,
  { x, keys, shape }: { x: tf.Tensor3D; keys: tf.Tensor4D; shape: Reshaping },
  config: TransformerConfig,
  context: ForwardContext,
  names: LayerNames,
): tf.Tensor3D {
  const linear = (part: string, x: tf.Tensor3D) => linearLayer(params, `${name}.${part}`, x, context);
  /** Residual sum and layer norm. */
  const joined = (norm: string, change: tf.Tensor3D, residual: tf.Tensor3D): tf.Tensor3D =>
    normLayer(params, `${name}.${norm}`, tf.add(change, residual), config.layer_norm_eps);
  const dropped = (x: tf.Tensor3D) => dropout(x, config.hidden_dropout_prob, context);
  const { context: heard } = attend({
    queries: shape.padded(linear(names.query, x)),
    keys: shape.padded(linear(names.key, x)),
    values: shape.padded(linear(names.value, x)),
    mask: keys,
    heads: config.num_attention_heads,
    drop: (map) => dropout(map, config.attention_probs_dropout_prob, context),
  });
  const change = linear(names.attended, shape.packed(heard));
  const attended = joined(names.attendedNorm, names.dropsAttended ? dropped(change) : change, x);
  const inner = activate(config.hidden_act, linear(names.inner, attended));
  return joined(names.outerNorm, dropped(linear(names.outer, inner)), attended);
}

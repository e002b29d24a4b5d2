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
  type Params,
  paramsUnder,
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

/** Returns the shape of every parameter by name, without the pooler, on which no hidden state depends. */
export function transformerShapes(config: TransformerConfig): Shapes {
  const { hidden_size: width, intermediate_size: inner } = config;
  const shapes: Shapes = {
    "embeddings.word_embeddings.weight": [config.vocab_size, width],
    "embeddings.position_embeddings.weight": [config.max_position_embeddings, width],
    "embeddings.token_type_embeddings.weight": [config.type_vocab_size, width],
    ...normShapes("embeddings.LayerNorm", width),
  };
  for (let i = 0; i < config.num_hidden_layers; i++) {
    const layer = layerName(i);
    Object.assign(
      shapes,
      linearShapes(`${layer}.attention.self.query`, width, width),
      linearShapes(`${layer}.attention.self.key`, width, width),
      linearShapes(`${layer}.attention.self.value`, width, width),
      linearShapes(`${layer}.attention.output.dense`, width, width),
      normShapes(`${layer}.attention.output.LayerNorm`, width),
      linearShapes(`${layer}.intermediate.dense`, width, inner),
      linearShapes(`${layer}.output.dense`, inner, width),
      normShapes(`${layer}.output.LayerNorm`, width),
    );
  }
  return shapes;
}

/**
 * Computes hidden states `[B,L,D]` of ids `[B,L]`: those of the embeddings, then those of each of the first
 * `depth` layers. `positions` are rows of the position embedding, `[L]` or `[B,L]`; `mask` is `[B,L]`. Every
 * token has the first token type.
 */
export function transformer(
  params: Params,
  { ids, positions, mask }: { ids: tf.Tensor2D; positions: tf.Tensor; mask: tf.Tensor2D },
  config: TransformerConfig,
  depth: number,
  context: ForwardContext,
): tf.Tensor3D[] {
  const states = [embeddings(params, ids, positions, config, context)];
  const [batch, length] = mask.shape;
  const keys: tf.Tensor4D = tf.reshape(mask, [batch, 1, 1, length]);
  for (let i = 0; i < depth; i++) {
    const name = layerName(i), inputs = { x: states[i], keys };
    const next = (given: typeof inputs) => layer(params, name, given, config, context);
    states.push(
      context.gradientCheckpointing
        ? checkpointed(next, inputs, paramsUnder(params, `${name}.`))
        : next(inputs),
    );
  }
  return states;
}

const layerName = (index: number) => `encoder.layer.${index}`;

function embeddings(
  params: Params,
  ids: tf.Tensor2D,
  positions: tf.Tensor,
  config: TransformerConfig,
  context: ForwardContext,
): tf.Tensor3D {
  const table = (name: string): tf.Tensor => params[`embeddings.${name}.weight`];
  const words = embedding(table("word_embeddings"), ids);
  const places = tf.gather(table("position_embeddings"), positions as tf.Tensor1D);
  const type = tf.slice(table("token_type_embeddings"), [0, 0], [1, config.hidden_size]);
  const sum = tf.add(tf.add(words, type), places) as tf.Tensor3D;
  const normed = normLayer(params, "embeddings.LayerNorm", sum, config.layer_norm_eps);
  return dropout(normed, config.hidden_dropout_prob, context);
}

function layer(
  params: Params,
  name: string,
  { x, keys }: { x: tf.Tensor3D; keys: tf.Tensor4D },
  config: TransformerConfig,
  context: ForwardContext,
): tf.Tensor3D {
  /** Dense layer, dropout, residual sum, layer norm. */
  const output = (name: string, x: tf.Tensor3D, residual: tf.Tensor3D): tf.Tensor3D => {
    const change = dropout(
      linearLayer(params, `${name}.dense`, x, context),
      config.hidden_dropout_prob,
      context,
    );
    return normLayer(params, `${name}.LayerNorm`, tf.add(change, residual), config.layer_norm_eps);
  };
  const attention = attend({
    queries: linearLayer(params, `${name}.attention.self.query`, x, context),
    keys: linearLayer(params, `${name}.attention.self.key`, x, context),
    values: linearLayer(params, `${name}.attention.self.value`, x, context),
    mask: keys,
    heads: config.num_attention_heads,
    drop: (map) => dropout(map, config.attention_probs_dropout_prob, context),
  });
  const attended = output(`${name}.attention.output`, attention.context, x);
  const inner = linearLayer(params, `${name}.intermediate.dense`, attended, context);
  return output(`${name}.output`, activate(config.hidden_act, inner), attended);
}

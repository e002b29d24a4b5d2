import { z } from "zod";
import { activation } from "./activation.ts";
import { MOST_LAYERS } from "./architecture.ts";
import { bert } from "./bert.ts";
import type { ReadConfig, TextFamily } from "./family.ts";

const size = z.int().min(1);
const share = z.number().min(0).lt(1).default(0.1);

/** DistilBERT's own keys of `config.json`. Defaults are those of the reference. */
const settings = z.object({
  vocab_size: size,
  dim: size,
  n_layers: size.max(MOST_LAYERS),
  n_heads: size,
  hidden_dim: size,
  max_position_embeddings: size,
  activation,
  dropout: share,
  attention_dropout: share,
  pad_token_id: z.int().min(0).optional(),
}).transform((read): ReadConfig => ({
  vocab_size: read.vocab_size,
  hidden_size: read.dim,
  num_hidden_layers: read.n_layers,
  num_attention_heads: read.n_heads,
  intermediate_size: read.hidden_dim,
  max_position_embeddings: read.max_position_embeddings,
  type_vocab_size: 0,
  hidden_act: read.activation,
  position_embedding_type: "absolute",
  is_decoder: false,
  layer_norm_eps: 1e-12,
  hidden_dropout_prob: read.dropout,
  attention_probs_dropout_prob: read.attention_dropout,
  pad_token_id: read.pad_token_id,
}));

/**
 * DistilBERT (Sanh et al. 2019): BERT with half the layers, without token types, and with names of its own.
 * No dropout falls on the output of attention.
 */
export const distilbert: TextFamily = {
  ...bert,
  id: "distilbert",
  settings,
  prefix: "distilbert.",
  names: {
    layer: (index) => `transformer.layer.${index}`,
    query: "attention.q_lin",
    key: "attention.k_lin",
    value: "attention.v_lin",
    attended: "attention.out_lin",
    attendedNorm: "sa_layer_norm",
    inner: "ffn.lin1",
    outer: "ffn.lin2",
    outerNorm: "output_layer_norm",
    dropsAttended: false,
  },
};

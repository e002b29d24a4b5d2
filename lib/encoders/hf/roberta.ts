import * as tf from "@tensorflow/tfjs-core";
import type { TextFamily } from "./family.ts";
import { BERT_NAMES, transformerConfig } from "./transformer.ts";

/**
 * RoBERTa (Liu et al. 2019). Positions count the tokens that are not padding and start after the padding
 * token's id, so the rows up to that id are never used for a token. Positions are computed from the ids, not
 * from the mask.
 */
export const roberta: TextFamily = {
  id: "roberta",
  settings: transformerConfig,
  names: BERT_NAMES,
  prefix: "roberta.",
  padToken: 1,
  longest: (config) => config.max_position_embeddings - config.pad_token_id - 1,
  positions(ids, { pad_token_id }) {
    const real = tf.cast(tf.notEqual(ids, tf.scalar(pad_token_id, "int32")), "float32");
    const counted = tf.mul(tf.cumsum(real, 1), real);
    return tf.cast(tf.add(counted, pad_token_id), "int32");
  },
};

/** XLM-RoBERTa (Conneau et al. 2020): RoBERTa with a vocabulary of 100 languages. */
export const xlmRoberta: TextFamily = { ...roberta, id: "xlm-roberta" };

/** CamemBERT (Martin et al. 2020): RoBERTa in French. */
export const camembert: TextFamily = { ...roberta, id: "camembert" };

import * as tf from "@tensorflow/tfjs-core";
import type { TextFamily } from "./family.ts";

/**
 * RoBERTa (Liu et al. 2019). Positions count the tokens that are not padding and start after the padding
 * token's id, so the rows up to that id are never used for a token. Positions are computed from the ids, not
 * from the mask.
 */
export const roberta: TextFamily = {
  id: "roberta",
  prefix: "roberta.",
  padToken: 1,
  longest: (config) => config.max_position_embeddings - config.pad_token_id - 1,
  positions(ids, { pad_token_id }) {
    const real = tf.cast(tf.notEqual(ids, tf.scalar(pad_token_id, "int32")), "float32");
    const counted = tf.mul(tf.cumsum(real, 1), real);
    return tf.cast(tf.add(counted, pad_token_id), "int32");
  },
};

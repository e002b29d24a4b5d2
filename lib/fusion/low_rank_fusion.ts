import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { constantInit, dropout, dropStates, normalInit } from "../nn/mod.ts";
import type { FusionMethod } from "./fusion.ts";
import { meansOf } from "./means.ts";
import { dropoutOptions } from "./options.ts";

const options = z.strictObject({
  rank: z.int().min(1).max(1024).default(4).describe(
    "Rank of the weight tensor: the number of terms in its sum.",
  ),
  ...dropoutOptions,
});

/**
 * Low-rank multimodal fusion (Liu et al. 2018, "Efficient Low-rank Multimodal Fusion with Modality-Specific
 * Factors"): applies a weight tensor of low rank to the outer product of both modalities. The mean states are
 * extended by 1, t~ = [t;1] and a~ = [a;1]; then logits = Σ_r w_r (t~ F_r) (a~ G_r) + b. The factors
 * `[rank, D+1, classes]` and w have the Xavier-normal initial values of the authors' code. An absent modality
 * has mean 0; because of the appended 1, a linear classifier of the other modality remains.
 */
export const lowRankFusion: FusionMethod<z.infer<typeof options>> = {
  id: "low_rank_fusion",
  summary: "Outer product of both mean states through a low-rank tensor.",
  modalities: ["text", "audio"],
  options,

  init({ rank }, { text, audio, classes }, seed) {
    // PyTorch computes the fans of [rank, D+1, classes] as for a convolution: in (D+1)·classes, out
    // rank·classes.
    const factor = (name: string, width: number) =>
      normalInit(seed, name, [rank, width + 1, classes], Math.sqrt(2 / ((width + 1 + rank) * classes)));
    return {
      text_factor: factor("text_factor", text),
      audio_factor: factor("audio_factor", audio),
      fusion_weights: normalInit(seed, "fusion_weights", [rank], Math.sqrt(2 / (1 + rank))),
      fusion_bias: constantInit([classes], 0),
    };
  },

  apply(params, input, { rank, dropout: rate, input_dropout }, context) {
    const { text, audio } = dropStates(meansOf(input), input_dropout, context);
    const classes = params.fusion_bias.size;
    const factored = (mean: tf.Tensor2D, factor: tf.Variable) => {
      const one = tf.ones([mean.shape[0], 1]);
      const extended = tf.concat([dropout(mean, rate, context), one], 1) as tf.Tensor2D; // [B,D+1]
      const flat = tf.reshape(tf.transpose(factor, [1, 0, 2]), [extended.shape[1], rank * classes]);
      return tf.matMul(extended, flat as tf.Tensor2D); // [B,rank·C]
    };
    const product = tf.mul(
      factored(text, params.text_factor),
      factored(audio, params.audio_factor),
    );
    const terms = tf.mul(
      tf.reshape(product, [-1, rank, classes]),
      tf.reshape(params.fusion_weights, [rank, 1]),
    );
    return { logits: tf.add(tf.sum(terms, 1), params.fusion_bias) as tf.Tensor2D };
  },
};

import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { attentionPooling as pool, dropout, keptDimensions, linearInit, linearLayer } from "../nn/mod.ts";
import type { FusionMethod } from "./fusion.ts";
import { dropoutOptions } from "./options.ts";

const options = z.strictObject(dropoutOptions);

/**
 * Attention pooling: for each modality, s = w·h + b, α = softmax(s) and p = Σ α h; then logits = W [p_t;p_a]
 * + b. The pooling follows Mirsamadi et al. 2017 ("Automatic Speech Emotion Recognition Using Recurrent
 * Neural Networks with Local Attention").
 *
 * Common implementations let the softmax run over padding; this one runs over real positions only. An absent
 * modality pools to 0.
 */
export const attentionPooling: FusionMethod<z.infer<typeof options>> = {
  id: "attention_pooling",
  summary: "Pools each modality by learned attention, concatenates, then one linear layer.",
  modalities: ["text", "audio"],
  options,

  init: (_, { text, audio, classes }, seed) => ({
    ...linearInit(seed, "text_pool.score", text, 1),
    ...linearInit(seed, "audio_pool.score", audio, 1),
    ...linearInit(seed, "classifier", text + audio, classes),
  }),

  apply(params, input, { dropout: rate, input_dropout }, context) {
    const kept = (states: tf.Tensor3D) => keptDimensions(states, input_dropout, context);
    const t = pool(params, "text_pool", input.text, input.textMask, kept(input.text));
    const a = pool(params, "audio_pool", input.audio, input.audioMask, kept(input.audio));
    const pooled = tf.concat([t.pooled, a.pooled], 1) as tf.Tensor2D;
    return {
      logits: linearLayer(params, "classifier", dropout(pooled, rate, context)),
      pooled,
      attention: { text_pool: t.weights, audio_pool: a.weights },
    };
  },
};

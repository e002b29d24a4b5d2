import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { dropout, dropStates, linearInit, linearLayer, maskedMean, presence } from "../nn/mod.ts";
import type { FusionMethod } from "./fusion.ts";
import { dropoutOptions } from "./options.ts";

const options = z.strictObject(dropoutOptions);

/**
 * Early fusion: t = tanh(Wp T[:,0] + bp) is the first text state after a pooler as in BERT, a = mean(A) is
 * the mean speech state, and logits = W [t;a] + b.
 *
 * Common implementations also average over padding; this one averages real frames only. An absent modality
 * contributes zeros.
 */
export const earlyFusion: FusionMethod<z.infer<typeof options>> = {
  id: "early_fusion",
  summary: "Concatenates the first text state and the mean speech state, then one linear layer.",
  modalities: ["text", "audio"],
  options,

  init: (_, { text, audio, classes }, seed) => ({
    ...linearInit(seed, "text_pooler", text, text),
    ...linearInit(seed, "classifier", text + audio, classes),
  }),

  apply(params, input, { dropout: rate, input_dropout }, context) {
    const first: tf.Tensor2D = tf.squeeze(tf.slice(input.text, [0, 0, 0], [-1, 1, -1]), [1]); // [B,Dt]
    const mean = maskedMean(input.audio, input.audioMask);
    const { text, audio } = dropStates({ text: first, audio: mean }, input_dropout, context);
    const summary = tf.mul(tf.tanh(linearLayer(params, "text_pooler", text)), presence(input.textMask));
    const pooled = tf.concat([summary, audio], 1) as tf.Tensor2D;
    return { logits: linearLayer(params, "classifier", dropout(pooled, rate, context)), pooled };
  },
};

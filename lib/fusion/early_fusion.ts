import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { dropout, dropStates, linearInit, linearLayer, maskedMean, presence } from "../nn/mod.ts";
import type { FusionMethod } from "./fusion.ts";
import { dropoutOptions } from "./options.ts";

const options = z.strictObject(dropoutOptions);

/**
 * Early fusion: t = tanh(Wp T[:,0] + bp), the first state through a pooler as in BERT; a = mean(A); logits = W [t;a] + b.
 *
 * The usual code takes a over padding too; here it is over real frames. An absent modality leaves zeros in its half.
 */
export const earlyFusion: FusionMethod<z.infer<typeof options>> = {
  id: "early_fusion",
  summary: "First text state and mean speech state side by side, one linear layer.",
  modalities: ["text", "audio"],
  options,

  init: (_, { text, audio, classes }, seed) => ({
    ...linearInit(seed, "text_pooler", text, text),
    ...linearInit(seed, "classifier", text + audio, classes),
  }),

  apply(params, input, { dropout: rate, input_dropout }, context) {
    const { text, audio } = dropStates(input, input_dropout, context);
    const first = tf.squeeze(tf.slice(text, [0, 0, 0], [-1, 1, -1]), [1]); // [B,Dt]
    const summary = tf.mul(tf.tanh(linearLayer(params, "text_pooler", first)), presence(input.textMask));
    const pooled = tf.concat([summary, maskedMean(audio, input.audioMask)], 1) as tf.Tensor2D;
    return { logits: linearLayer(params, "classifier", dropout(pooled, rate, context)), pooled };
  },
};

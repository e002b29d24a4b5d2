import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { dropout, dropStates, linearInit, linearLayer } from "../nn/mod.ts";
import type { FusionMethod } from "./fusion.ts";
import { meansOf } from "./means.ts";
import { dropoutOptions, width } from "./options.ts";

const options = z.strictObject({ width, ...dropoutOptions });

/**
 * Gated multimodal unit (Arevalo et al. 2017, "Gated Multimodal Units for Information Fusion") on the mean
 * states t and a: z = σ(Wz [t;a]), h = z tanh(Wt t) + (1 - z) tanh(Wa a), all without bias; logits = W h + b.
 * `parts.gate` is z: 1 weighs text only, 0 speech only. An absent modality has mean 0: it adds nothing, but
 * the gate still gives it a share.
 */
export const gatedMultimodalUnit: FusionMethod<z.infer<typeof options>> = {
  id: "gated_multimodal_unit",
  summary: "A learned gate weighs text against speech in each dimension, on mean states.",
  modalities: ["text", "audio"],
  options,

  init: ({ width }, { text, audio, classes }, seed) => ({
    ...linearInit(seed, "text_hidden", text, width, false),
    ...linearInit(seed, "audio_hidden", audio, width, false),
    ...linearInit(seed, "gate", text + audio, width, false),
    ...linearInit(seed, "classifier", width, classes),
  }),

  apply(params, input, { dropout: rate, input_dropout }, context) {
    const { text: t, audio: a } = dropStates(meansOf(input), input_dropout, context);
    const gate = tf.sigmoid(linearLayer(params, "gate", tf.concat([t, a], 1)));
    const read = tf.tanh(linearLayer(params, "text_hidden", t));
    const heard = tf.tanh(linearLayer(params, "audio_hidden", a));
    const pooled = tf.add(heard, tf.mul(gate, tf.sub(read, heard))) as tf.Tensor2D;
    return {
      logits: linearLayer(params, "classifier", dropout(pooled, rate, context)),
      pooled,
      parts: { gate },
    };
  },
};

import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { dropout, dropStates, linearInit, linearLayer, presence } from "../nn/mod.ts";
import type { FusionMethod } from "./fusion.ts";
import { meansOf } from "./means.ts";
import { dropoutOptions } from "./options.ts";

const options = z.strictObject(dropoutOptions);

/**
 * Late fusion: a linear classifier on the mean state of each modality; logits = the mean of both classifiers'
 * logits. If one modality is absent, the other decides alone. If both are absent, the logits are 0.
 */
export const lateFusion: FusionMethod<z.infer<typeof options>> = {
  id: "late_fusion",
  summary: "Averages the logits of one linear classifier per modality, each on mean states.",
  modalities: ["text", "audio"],
  options,

  init: (_, { text, audio, classes }, seed) => ({
    ...linearInit(seed, "text_classifier", text, classes),
    ...linearInit(seed, "audio_classifier", audio, classes),
  }),

  apply(params, input, { dropout: rate, input_dropout }, context) {
    const { text, audio } = dropStates(meansOf(input), input_dropout, context);
    const vote = (name: string, mean: tf.Tensor2D) => linearLayer(params, name, dropout(mean, rate, context));
    const textLogits = vote("text_classifier", text);
    const audioLogits = vote("audio_classifier", audio);
    const reads = presence(input.textMask), hears = presence(input.audioMask); // [B,1]
    const sum = tf.add(tf.mul(textLogits, reads), tf.mul(audioLogits, hears));
    const logits = tf.div(sum, tf.maximum(tf.add(reads, hears), 1)) as tf.Tensor2D;
    return { logits, parts: { text_logits: textLogits, audio_logits: audioLogits } };
  },
};

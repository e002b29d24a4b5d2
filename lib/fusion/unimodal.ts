/** The controls `text_only` and `audio_only`: pool the states of one modality, then classify. */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import {
  attentionPooling,
  dropDimensions,
  dropout,
  keptDimensions,
  leakyRelu,
  linearInit,
  linearLayer,
  maskedMean,
} from "../nn/mod.ts";
import type { Modality } from "../encoders/mod.ts";
import type { FusionMethod } from "./fusion.ts";
import { dropoutOptions } from "./options.ts";

const options = z.strictObject({
  pooling: z.enum(["mean", "attention", "mean_std"]).default("mean")
    .describe("How states become one vector: mean, learned attention, or mean and standard deviation."),
  hidden: z.int().min(0).max(16_384).default(0).describe(
    "Width of a hidden layer before the classifier; 0 for none.",
  ),
  ...dropoutOptions,
});

type Options = z.infer<typeof options>;

/** Keeps the gradient of a standard deviation finite if the states do not vary. */
const VARIANCE_FLOOR = 1e-5;

/**
 * Returns a control that reads one modality M `[B,L,D]`: p = pool(M); logits = W p + b, or W LeakyReLU(V p +
 * c) + b with a hidden layer. `mean_std` is statistics pooling (Snyder et al. 2018): p = [mean; √(variance +
 * 1e-5)]. If the modality is absent, the mean is 0 and the deviation √1e-5, so the logits follow from the
 * biases: the learned prior.
 */
const unimodal = (id: string, modality: Modality, summary: string): FusionMethod<Options> => ({
  id,
  summary,
  modalities: [modality],
  options,

  init({ pooling, hidden }, sizes, seed) {
    const width = sizes[modality] * (pooling === "mean_std" ? 2 : 1);
    return {
      ...(pooling === "attention" && linearInit(seed, "pool.score", width, 1)),
      ...(hidden > 0 && linearInit(seed, "hidden", width, hidden)),
      ...linearInit(seed, "classifier", hidden || width, sizes.classes),
    };
  },

  apply(params, input, { pooling, hidden, dropout: rate, input_dropout }, context) {
    const states = input[modality], mask = modality === "text" ? input.textMask : input.audioMask;
    const attention = pooling === "attention"
      ? attentionPooling(params, "pool", states, mask, keptDimensions(states, input_dropout, context))
      : undefined;
    const pooled = attention?.pooled ??
      (pooling === "mean"
        ? dropDimensions(maskedMean(states, mask), input_dropout, context)
        : meanStd(dropDimensions(states, input_dropout, context), mask));
    const vector = dropout(pooled, rate, context);
    const last = hidden > 0
      ? dropout(leakyRelu(linearLayer(params, "hidden", vector)), rate, context)
      : vector;
    const logits = linearLayer(params, "classifier", last);
    return { logits, pooled, ...(attention && { attention: { pool: attention.weights } }) };
  },
});

/** Mean and standard deviation over the real positions, as `[B,2D]`. */
function meanStd(states: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor2D {
  const mean = maskedMean(states, mask);
  const variance = maskedMean(tf.square(tf.sub(states, tf.expandDims(mean, 1))), mask);
  return tf.concat([mean, tf.sqrt(tf.add(variance, VARIANCE_FLOOR))], 1);
}

/** The control that reads text only. */
export const textOnly = unimodal("text_only", "text", "Control: pooled text states only.");

/** The control that reads speech only. */
export const audioOnly = unimodal("audio_only", "audio", "Control: pooled speech states only.");

import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import {
  attentionInit,
  crossAttention,
  dropout,
  dropStates,
  leakyRelu,
  linear,
  linearInit,
  linearLayer,
  maskedMax,
  maskedMean,
  maskedMin,
  normInit,
  normLayer,
  type Params,
  presence,
} from "../nn/mod.ts";
import { badInput } from "../errors.ts";
import type { FusionMethod, FusionSizes } from "./fusion.ts";
import { DIVISIBLE, divisible, dropoutOptions, heads, SHARED_WIDTH } from "./options.ts";

const options = z.strictObject({
  aggregation: z.enum(["min", "max", "mean", "cls"]).default("min")
    .describe("How the attended states become one vector; cls is the first and trains only one branch."),
  width: z.int().min(1).optional().describe(
    `Width of attention; by default that of the encoders where it is the same, else ${SHARED_WIDTH}.`,
  ),
  heads,
  hidden: z.int().min(1).default(128).describe("Width of the layer before the last."),
  ...dropoutOptions,
}).refine(divisible, { path: ["width"], error: DIVISIBLE });

type Options = z.infer<typeof options>;

const AGGREGATE: Record<Options["aggregation"], (x: tf.Tensor3D, mask: tf.Tensor2D) => tf.Tensor2D> = {
  min: maskedMin,
  max: maskedMax,
  mean: maskedMean,
  cls: (x, mask) => maskedMean(tf.slice(x, [0, 0, 0], [-1, 1, -1]), tf.slice(mask, [0, 0], [-1, 1])),
};

/**
 * MemoCMT (Khan et al. 2025, "MemoCMT: multimodal emotion recognition using cross-modal transformer-based feature fusion",
 * Scientific Reports 15): X1 = LN(Linear(MHA(Q=A, KV=T))), X2 = LN(Linear(MHA(Q=T, KV=A))), F = [X1;X2] along time,
 * z = min, max, mean or first (cls) of F, logits = Linear(LeakyReLU(Linear(z))). A modality is projected first where its
 * width is not that of the attention. The paper found `min` best; `cls` reads one state of X1, so that X2 never trains.
 *
 * Where this differs from the published code (tpnam0901/MemoCMT on GitHub): padding is masked out of attention and
 * aggregation; `max`, which versions of it hand on as a pair and fail, works; dropout is on z and on the layer after it, not
 * also on attention and states, since dropping states before a minimum moves it in training only.
 *
 * The branches keep no residual: without one modality, plain masking would leave nothing of the other. So an absent
 * modality asks once, with a zero state at its first position, and what asks an absent modality is left out of F; with
 * neither, z = 0 (with `cls` already without text, for the state it reads asks text).
 */
export const memocmt: FusionMethod<Options> = {
  id: "memocmt",
  summary: "Cross-attention both ways, one vector by min (or max, mean, cls) over all states, two layers.",
  modalities: ["text", "audio"],
  options,

  init(options, sizes, seed) {
    const width = attentionWidth(options, sizes);
    const branch = (name: string): Params => ({
      ...attentionInit(seed, name, width),
      ...linearInit(seed, `${name}_out`, width, width),
      ...normInit(`${name}_norm`, width),
    });
    return {
      ...(sizes.text !== width && linearInit(seed, "text_proj", sizes.text, width)),
      ...(sizes.audio !== width && linearInit(seed, "audio_proj", sizes.audio, width)),
      ...branch("audio_to_text"),
      ...branch("text_to_audio"),
      ...linearInit(seed, "head.0", width, options.hidden),
      ...linearInit(seed, "head.1", options.hidden, sizes.classes),
    };
  },

  apply(params, input, { aggregation, heads, dropout: rate, input_dropout }, context) {
    const { textMask, audioMask } = input;
    const dropped = dropStates(input, input_dropout, context);
    const text = projected(params, "text_proj", dropped.text, textMask);
    const audio = projected(params, "audio_proj", dropped.audio, audioMask);
    const branch = (
      name: string,
      queries: tf.Tensor3D,
      queryMask: tf.Tensor2D,
      keys: tf.Tensor3D,
      keyMask: tf.Tensor2D,
    ) => {
      const { context, map } = crossAttention(params, name, { queries, queryMask, keys, keyMask }, heads);
      const projected = twoLinearLayers(params, [`${name}.out_proj`, `${name}_out`], context);
      const states = normLayer(params, `${name}_norm`, projected);
      return { states, answered: tf.mul(queryMask, presence(keyMask)), map };
    };
    const toText = branch("audio_to_text", audio, withFirst(audioMask), text, textMask);
    const toAudio = branch("text_to_audio", text, withFirst(textMask), audio, audioMask);
    const pooled = AGGREGATE[aggregation](
      tf.concat([toText.states, toAudio.states], 1), // [B,La+Lt,D]
      tf.concat([toText.answered, toAudio.answered], 1) as tf.Tensor2D,
    );
    const hidden = leakyRelu(linearLayer(params, "head.0", dropout(pooled, rate, context)));
    const last = dropout(hidden, rate, context);
    return {
      logits: linearLayer(params, "head.1", last),
      pooled,
      attention: { audio_to_text: toText.map, text_to_audio: toAudio.map },
    };
  },
};

/**
 * W2 (W1 x + b1) + b2 of `x [B,L,D]`, where there are many positions as (W2 W1) x + (W2 b1 + b2): the product of two
 * weights costs less than a pass over all positions.
 */
function twoLinearLayers(params: Params, [first, second]: [string, string], x: tf.Tensor3D): tf.Tensor3D {
  const [batch, length, width] = x.shape;
  if (batch * length <= width) return linearLayer(params, second, linearLayer(params, first, x));
  const [inner, outer] = [first, second].map((name) => params[`${name}.weight`] as tf.Variable<tf.Rank.R2>);
  const bias = linearLayer(params, second, params[`${first}.bias`]) as tf.Tensor1D;
  return linear(x, tf.matMul(outer, inner), bias) as tf.Tensor3D;
}

function attentionWidth({ width, heads }: Options, { text, audio }: FusionSizes): number {
  const chosen = width ?? (text === audio ? text : SHARED_WIDTH);
  if (!divisible({ width: chosen, heads })) {
    throw badInput({
      expected: DIVISIBLE,
      found: `width ${chosen} and ${heads} heads`,
      at: "the options of memocmt",
      todo: "Set width, or change heads.",
    });
  }
  return chosen;
}

/** States at the width of attention, 0 at padding. */
function projected(params: Params, name: string, states: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor3D {
  const wide = `${name}.weight` in params ? linearLayer(params, name, states) : states;
  return tf.mul(wide, tf.expandDims(mask, 2));
}

/** The mask with its first position open: real already where the row has the modality, the zero state where not. */
function withFirst(mask: tf.Tensor2D): tf.Tensor2D {
  return tf.maximum(mask, tf.pad(tf.ones([1, 1]), [[0, 0], [0, mask.shape[1] - 1]]));
}

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
    .describe("How to pool the attended states; cls takes the first state and trains only one branch."),
  width: z.int().min(1).max(16_384).optional().describe(
    `Width of attention; default: the encoders' width if both are equal, else ${SHARED_WIDTH}.`,
  ),
  heads,
  hidden: z.int().min(1).max(16_384).default(128).describe("Width of the layer before the last."),
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
 * MemoCMT (Khan et al. 2025, "MemoCMT: multimodal emotion recognition using cross-modal transformer-based
 * feature fusion", Scientific Reports 15): X1 = LN(Linear(MHA(Q=A, KV=T))), X2 = LN(Linear(MHA(Q=T, KV=A))),
 * F = [X1;X2] along time, z = min, max, mean or first (cls) of F, logits = Linear(LeakyReLU(Linear(z))). A
 * modality whose width is not the attention width is projected first. The paper found `min` best. `cls` reads
 * one state of X1 only, so X2 never trains.
 *
 * Differences from the published code (tpnam0901/MemoCMT on GitHub): attention and aggregation mask out
 * padding. `max` works; some published versions return it as a pair and fail. Dropout applies to z and to the
 * layer after it, but not to attention and states, because dropping states before a minimum shifts that
 * minimum in training only.
 *
 * The branches have no residual, so plain masking would lose both modalities when one is absent. Therefore an
 * absent modality asks once, with a zero state at its first position, and F leaves out the branch that
 * attends to the absent modality. If both are absent, z = 0. With `cls`, z = 0 as soon as text is absent,
 * because the state it reads attends to text.
 */
export const memocmt: FusionMethod<Options> = {
  id: "memocmt",
  summary: "Cross-attention both ways, pooling by min (or max, mean, cls), then two linear layers.",
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
 * Computes W2 (W1 x + b1) + b2 of `x [B,L,D]`. If there are more positions than dimensions, it uses the equal
 * form (W2 W1) x + (W2 b1 + b2): multiplying the two weights costs less than a second pass over all
 * positions. A training step over 32 x 96 positions of width 384 takes 13.7 ms in place of 26.5 ms on two
 * cores.
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

/** Projects states to the attention width and sets padding to 0. */
function projected(params: Params, name: string, states: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor3D {
  const wide = `${name}.weight` in params ? linearLayer(params, name, states) : states;
  return tf.mul(wide, tf.expandDims(mask, 2));
}

/** Opens the first position of a mask: a real position if the row has the modality, else the zero state. */
function withFirst(mask: tf.Tensor2D): tf.Tensor2D {
  return tf.maximum(mask, tf.pad(tf.ones([1, 1]), [[0, 0], [0, mask.shape[1] - 1]]));
}

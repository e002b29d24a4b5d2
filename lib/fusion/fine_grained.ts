import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { attentionInit, dropout, dropStates, linearInit, linearLayer } from "../nn/mod.ts";
import type { FusionMethod } from "./fusion.ts";
import { DIVISIBLE, divisible, dropoutOptions, heads, width } from "./options.ts";
import { pooledAttention } from "./pooled_attention.ts";

const options = z.strictObject({ width, heads, ...dropoutOptions })
  .refine(divisible, { path: ["width"], error: DIVISIBLE });

/**
 * Fine-grained interaction. Projects both modalities to one width: T' = T Wt, A' = A Wa. Each modality then
 * attends to the other by cross-attention with a residual (as in Tsai et al. 2019, "Multimodal Transformer
 * for Unaligned Multimodal Language Sequences"): F_t = T' + MHA(Q=T', KV=A'), F_a = A' + MHA(Q=A', KV=T').
 * Attention pooling reduces each to one vector, and logits = W [f_t;f_a] + b.
 *
 * Common implementations mask the keys but pool over padding; this one ignores padding everywhere. An absent
 * modality pools to 0. A query that attends to an absent modality gets the bias of the output projection.
 */
export const fineGrained: FusionMethod<z.infer<typeof options>> = {
  id: "fine_grained",
  summary: "Cross-attention both ways with a residual, attention pooling, one linear layer.",
  modalities: ["text", "audio"],
  options,

  init: ({ width }, { text, audio, classes }, seed) => ({
    ...linearInit(seed, "text_proj", text, width),
    ...linearInit(seed, "audio_proj", audio, width),
    ...attentionInit(seed, "text_to_audio", width),
    ...attentionInit(seed, "audio_to_text", width),
    ...linearInit(seed, "text_pool.score", width, 1),
    ...linearInit(seed, "audio_pool.score", width, 1),
    ...linearInit(seed, "classifier", 2 * width, classes),
  }),

  apply(params, input, { heads, dropout: rate, input_dropout }, context) {
    const { textMask, audioMask } = input;
    const states = dropStates(input, input_dropout, context);
    const text = linearLayer(params, "text_proj", states.text); // [B,Lt,D]
    const audio = linearLayer(params, "audio_proj", states.audio); // [B,La,D]
    const t = pooledAttention(params, { attention: "text_to_audio", pooling: "text_pool" }, {
      queries: text,
      queryMask: textMask,
      keys: audio,
      keyMask: audioMask,
    }, heads);
    const a = pooledAttention(params, { attention: "audio_to_text", pooling: "audio_pool" }, {
      queries: audio,
      queryMask: audioMask,
      keys: text,
      keyMask: textMask,
    }, heads);
    const pooled = tf.concat([t.pooled, a.pooled], 1) as tf.Tensor2D;
    return {
      logits: linearLayer(params, "classifier", dropout(pooled, rate, context)),
      pooled,
      attention: {
        text_to_audio: t.map,
        audio_to_text: a.map,
        text_pool: t.weights,
        audio_pool: a.weights,
      },
    };
  },
};

import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { dropout, linear, maskedSoftmax, type Params } from "../compute/mod.ts";
import type { FusionMethod } from "./fusion.ts";
import {
  attentionInit,
  crossAttention,
  dropStates,
  linearInit,
  linearLayer,
  presence,
  weightedSum,
} from "./layers.ts";
import { DIVISIBLE, divisible, dropoutOptions, heads, width } from "./options.ts";

const options = z.strictObject({ width, heads, ...dropoutOptions })
  .refine(divisible, { path: ["width"], error: DIVISIBLE });

/**
 * Fine-grained interaction: T' = T Wt, A' = A Wa to one width; each side asks the other by cross-attention (as in Tsai et
 * al. 2019, "Multimodal Transformer for Unaligned Multimodal Language Sequences") and keeps itself beside the answer,
 * F_t = T' + MHA(Q=T', KV=A'), F_a = A' + MHA(Q=A', KV=T'); attention pooling of each; logits = W [f_t;f_a] + b.
 *
 * The usual code masks the keys but pools over padding; here padding counts nowhere. An absent modality pools to 0, and
 * who asks it gets the output projection's bias for an answer.
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
    const toAudio = crossAttention(params, "text_to_audio", {
      queries: text,
      queryMask: textMask,
      keys: audio,
      keyMask: audioMask,
      heads,
    });
    const toText = crossAttention(params, "audio_to_text", {
      queries: audio,
      queryMask: audioMask,
      keys: text,
      keyMask: textMask,
      heads,
    });
    const t = pool(params, { name: "text_pool", answer: "text_to_audio" }, text, toAudio.context, textMask);
    const a = pool(params, { name: "audio_pool", answer: "audio_to_text" }, audio, toText.context, audioMask);
    const pooled = tf.concat([t.pooled, a.pooled], 1) as tf.Tensor2D;
    return {
      logits: linearLayer(params, "classifier", dropout(pooled, rate, context)),
      pooled,
      attention: {
        text_to_audio: toAudio.map,
        audio_to_text: toText.map,
        text_pool: t.weights,
        audio_pool: a.weights,
      },
    };
  },
};

/**
 * Attention pooling of F = S + C Woᵀ + bo, the states beside the projected context. The projection is linear, as are score
 * and sum: so it is done to the score's weights and to the pooled context instead of every position. Its bias is the same
 * at each, which the softmax does not see.
 */
function pool(
  params: Params,
  { name, answer }: { name: string; answer: string },
  states: tf.Tensor3D,
  context: tf.Tensor3D,
  mask: tf.Tensor2D,
): { pooled: tf.Tensor2D; weights: tf.Tensor2D } {
  const [score, projection] = [`${name}.score.weight`, `${answer}.out_proj.weight`].map((key) => params[key]);
  const byContext = linear(context, tf.matMul(score as tf.Tensor2D, projection as tf.Tensor2D));
  const scores = tf.add(linearLayer(params, `${name}.score`, states), byContext);
  const weights = maskedSoftmax(tf.reshape(scores, mask.shape) as tf.Tensor2D, mask);
  const answered = linearLayer(params, `${answer}.out_proj`, weightedSum(weights, context));
  return { pooled: tf.add(weightedSum(weights, states), tf.mul(answered, presence(mask))), weights };
}

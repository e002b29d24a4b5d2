/** Reads `config.json` of Whisper: the sizes of its encoder. */
import { z } from "zod";
import { parseFacts } from "../../../../schema.ts";
import { activation } from "../../activation.ts";
import { MOST_LAYERS, requireDivisible } from "../../architecture.ts";
import type { LayerConfig } from "../layers.ts";
import type { SpecAugment } from "../spec_augment.ts";

/** Whisper (Radford et al. 2023): its encoder alone. Its decoder's weights are left out, with a note. */
export const WHISPER = { id: "whisper", prefix: "model." } as const;

const size = z.int().min(1);
const share = (usual = 0) => z.number().min(0).lt(1).default(usual);

/** Sizes of the encoder, by the names that the other speech models use. */
export interface WhisperConfig extends LayerConfig, SpecAugment {
  /** Bands of a spectrum. */
  num_mel_bins: number;
  /** Hidden states of a window. */
  max_source_positions: number;
}

/** Whisper's keys of `config.json`, without those of its decoder. Defaults are those of the reference. */
const settings = z.object({
  d_model: size,
  encoder_layers: size.max(MOST_LAYERS),
  encoder_attention_heads: size,
  encoder_ffn_dim: size,
  activation_function: activation,
  num_mel_bins: size.default(80),
  max_source_positions: size.default(1500),
  dropout: share(),
  activation_dropout: share(),
  attention_dropout: share(),
  encoder_layerdrop: share(),
  apply_spec_augment: z.boolean().default(false),
  mask_time_prob: share(0.05),
  mask_time_length: size.default(10),
  mask_time_min_masks: z.int().min(0).default(2),
  mask_feature_prob: share(),
  mask_feature_length: size.default(10),
  mask_feature_min_masks: z.int().min(0).default(0),
}).transform((
  { d_model, encoder_layers, encoder_attention_heads, encoder_ffn_dim, activation_function, ...read },
): WhisperConfig => {
  const { dropout, encoder_layerdrop, ...others } = read;
  return {
    ...others,
    hidden_size: d_model,
    num_hidden_layers: encoder_layers,
    num_attention_heads: encoder_attention_heads,
    intermediate_size: encoder_ffn_dim,
    hidden_act: activation_function,
    layer_norm_eps: 1e-5,
    do_stable_layer_norm: true,
    hidden_dropout: dropout,
    layerdrop: encoder_layerdrop,
  };
});

/** Architecture of Whisper's encoder. */
export interface WhisperArchitecture {
  family: typeof WHISPER;
  config: WhisperConfig;
}

/** Reads the sizes from `json`; `at` names the file in errors. Throws UndertoneError. */
export function whisperConfig(json: unknown, at: string): WhisperConfig {
  const config = parseFacts(settings, json, at);
  requireDivisible("d_model", config.hidden_size, "heads", config.num_attention_heads, at);
  return config;
}

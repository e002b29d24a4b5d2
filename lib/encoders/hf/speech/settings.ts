/** The keys of a speech model's `config.json`. */
import { z } from "zod";
import { activation } from "../activation.ts";
import { MOST_LAYERS } from "../architecture.ts";

const size = z.int().min(1);
const share = (usual: number) => z.number().min(0).lt(1).default(usual);
const perConvolution = (usual: number[]) => z.array(size).min(1).default(usual);

/** The keys that wav2vec2 and related models share. Defaults are those of the reference. */
export const speechConfig = z.object({
  hidden_size: size,
  num_hidden_layers: size.max(MOST_LAYERS),
  num_attention_heads: size,
  intermediate_size: size,
  hidden_act: activation,
  layer_norm_eps: z.number().positive().default(1e-5),
  do_stable_layer_norm: z.boolean().default(false),

  conv_dim: perConvolution([512, 512, 512, 512, 512, 512, 512]),
  conv_kernel: perConvolution([10, 3, 3, 3, 3, 2, 2]),
  conv_stride: perConvolution([5, 2, 2, 2, 2, 2, 2]),
  conv_bias: z.boolean().default(false),
  feat_extract_norm: z.enum(["group", "layer"]).default("group"),
  feat_extract_activation: activation,
  feat_proj_layer_norm: z.boolean().default(true),
  num_conv_pos_embeddings: size.default(128),
  num_conv_pos_embedding_groups: size.default(16),
  conv_pos_batch_norm: z.literal(false).default(false),

  /** Only in WavLM. */
  num_buckets: z.int().min(4).default(320),
  max_bucket_distance: size.max(100_000).default(800),

  hidden_dropout: share(0.1),
  activation_dropout: share(0.1),
  attention_dropout: share(0.1),
  feat_proj_dropout: share(0),
  layerdrop: share(0.1),
  apply_spec_augment: z.boolean().default(true),
  mask_time_prob: share(0.05),
  mask_time_length: size.default(10),
  mask_time_min_masks: z.int().min(0).default(2),
  mask_feature_prob: share(0),
  mask_feature_length: size.default(10),
  mask_feature_min_masks: z.int().min(0).default(0),

  add_adapter: z.literal(false).default(false),
  adapter_attn_dim: z.literal(null).default(null),
});

/** Sizes of a speech model, by their names in `config.json`. */
export type SpeechConfig = z.infer<typeof speechConfig> & {
  /** Only in data2vec. */
  conv_pos_kernel_size?: number;
};

import * as tf from "@tensorflow/tfjs-core";
import { layerNorm } from "../../../compute/mod.ts";
import { conv1d, type Params } from "../../../nn/mod.ts";
import { z } from "zod";
import { activate } from "../activation.ts";
import type { Shapes } from "../weights.ts";
import type { Positions, SpeechFamily } from "./family.ts";
import { type SpeechConfig, speechConfig } from "./settings.ts";

/** Its own keys of `config.json`, and what it has no key for. Defaults are those of the reference. */
const settings = speechConfig.extend({
  num_conv_pos_embeddings: z.int().min(1).max(1000).default(5),
  conv_pos_kernel_size: z.int().min(1).default(19),
}).transform((read): SpeechConfig => ({
  ...read,
  feat_extract_norm: "layer",
  do_stable_layer_norm: false,
  feat_proj_layer_norm: true,
}));

const name = (index: number) => `encoder.pos_conv_embed.layers.${index}.conv`;

/**
 * Several convolutions in a row, each with a layer norm that has no parameters. Padding is set to 0 before
 * each: the reference does that only before the first, so the two agree for an utterance without padding.
 */
const positions: Positions = {
  shapes(config) {
    const { hidden_size: width, num_conv_pos_embeddings: count, num_conv_pos_embedding_groups } = config;
    const shapes: Shapes = {};
    for (let i = 0; i < count; i++) {
      shapes[`${name(i)}.weight`] = [
        width,
        width / num_conv_pos_embedding_groups,
        config.conv_pos_kernel_size!,
      ];
      shapes[`${name(i)}.bias`] = [width];
    }
    return shapes;
  },
  of(params, x, mask, config) {
    const real = tf.expandDims(mask, 2);
    let placed = x;
    for (let i = 0; i < config.num_conv_pos_embeddings; i++) {
      if (i > 0) placed = tf.mul(placed, real);
      placed = activate(config.feat_extract_activation, normed(convolved(params, name(i), placed, config)));
    }
    return placed;
  },
};

function convolved(params: Params, name: string, x: tf.Tensor3D, config: SpeechConfig): tf.Tensor3D {
  const [weight, bias] = ["weight", "bias"].map((end): tf.Tensor => params[`${name}.${end}`]);
  const y = conv1d(tf.transpose(x, [0, 2, 1]), weight as tf.Tensor3D, bias as tf.Tensor1D, {
    padding: config.conv_pos_kernel_size! >> 1,
    groups: config.num_conv_pos_embedding_groups,
  });
  // An even kernel gives one frame too many.
  return tf.transpose(tf.slice(y, [0, 0, 0], [-1, -1, x.shape[1]]), [0, 2, 1]);
}

const normed = (x: tf.Tensor3D): tf.Tensor3D => {
  const width = x.shape[2];
  return layerNorm(x, tf.ones([width]), tf.zeros([width]));
};

/**
 * data2vec for speech (Baevski et al. 2022): wav2vec 2.0's architecture with layer norm after each strided
 * convolution, and with positions from several small convolutions.
 */
export const data2vecAudio: SpeechFamily = {
  id: "data2vec-audio",
  prefix: "data2vec_audio.",
  settings,
  positions,
};

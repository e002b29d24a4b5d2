/** Positions as a wide convolution over neighbouring frames, with weight norm (Salimans and Kingma 2016). */
import * as tf from "@tensorflow/tfjs-core";
import { conv1d, type Params } from "../../../nn/mod.ts";
import { activate } from "../activation.ts";
import type { SpeechConfig } from "./settings.ts";
import type { Shapes } from "../weights.ts";
import type { Positions } from "./family.ts";

const NAME = "encoder.pos_conv_embed.conv";
/** Weight norm: the length of each tap's weights, and their direction. */
const LENGTHS = `${NAME}.parametrizations.weight.original0`;
const DIRECTIONS = `${NAME}.parametrizations.weight.original1`;

/** One convolution, whose weights are g v / ‖v‖ with a norm for each tap. */
export const wideConvolution: Positions = { shapes, of };

function shapes(config: SpeechConfig): Shapes {
  const { hidden_size: width, num_conv_pos_embeddings: kernel, num_conv_pos_embedding_groups } = config;
  return {
    [`${NAME}.bias`]: [width],
    [LENGTHS]: [1, 1, kernel],
    [DIRECTIONS]: [width, width / num_conv_pos_embedding_groups, kernel],
  };
}

function of(params: Params, x: tf.Tensor3D, _: tf.Tensor2D, config: SpeechConfig): tf.Tensor3D {
  const directions: tf.Tensor = params[DIRECTIONS];
  const norms = tf.sqrt(tf.sum(tf.square(directions), [0, 1], true));
  const weight: tf.Tensor3D = tf.mul(directions, tf.div(params[LENGTHS] as tf.Tensor, norms));
  const convolved = conv1d(
    tf.transpose(x, [0, 2, 1]),
    weight,
    params[`${NAME}.bias`] as tf.Variable<tf.Rank.R1>,
    { padding: config.num_conv_pos_embeddings >> 1, groups: config.num_conv_pos_embedding_groups },
  );
  const own = tf.slice(convolved, [0, 0, 0], [-1, -1, x.shape[1]]); // an even kernel gives one frame too many
  return tf.transpose(activate(config.feat_extract_activation, own), [0, 2, 1]);
}

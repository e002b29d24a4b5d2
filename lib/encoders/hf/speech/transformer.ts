/** The transformer of wav2vec2 and related models, over frames of speech. Names are PyTorch's. */
import * as tf from "@tensorflow/tfjs-core";
import { dropout, type ForwardContext, type Params } from "../../../nn/mod.ts";
import type { Shapes } from "../weights.ts";
import type { SpeechArchitecture } from "./config.ts";
import { layerShapes, layerStates, outsideNorm, WAV2VEC2_NAMES as names } from "./layers.ts";
import { wideConvolution } from "./positions.ts";

export const encoderShapes = ({ family, config }: SpeechArchitecture): Shapes => ({
  ...(family.positions ?? wideConvolution).shapes(config),
  ...layerShapes(config, names),
});

/**
 * Computes hidden states `[B,L,D]` of projected frames `x [B,L,D]` with mask `[B,L]`: the input of the first
 * layer, then the output of each of the first `depth` layers.
 */
export function speechTransformer(
  params: Params,
  x: tf.Tensor3D,
  mask: tf.Tensor2D,
  { family, config }: SpeechArchitecture,
  depth: number,
  context: ForwardContext,
): tf.Tensor3D[] {
  const [batch, length] = mask.shape, { positions = wideConvolution } = family;
  const real: tf.Tensor3D = tf.mul(x, tf.expandDims(mask, 2));
  const placed: tf.Tensor3D = tf.add(real, positions.of(params, real, mask, config));
  const normed = config.do_stable_layer_norm ? placed : outsideNorm(params, placed, config);
  const first = dropout(normed, config.hidden_dropout, context);
  const keys: tf.Tensor4D = tf.reshape(mask, [batch, 1, 1, length]);
  const bias = family.bias?.(params, config, length);
  return layerStates(params, first, keys, config, { names, depth, bias }, context);
}

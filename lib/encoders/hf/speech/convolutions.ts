/**
 * From samples to frames: the strided convolutions at the bottom of wav2vec2 and related models. Names are
 * PyTorch's.
 */
import * as tf from "@tensorflow/tfjs-core";
import { conv1d, groupNorm, normLayer, type Params } from "../../../nn/mod.ts";
import { activate } from "../activation.ts";
import type { Shapes } from "../weights.ts";
import type { SpeechConfig } from "./settings.ts";
import type { SpeechInputs } from "./waveform.ts";

/** The prefix of all parameters of the convolutions. */
export const PREFIX = "feature_extractor";

const layerName = (index: number) => `${PREFIX}.conv_layers.${index}`;

export const FIRST_WEIGHT = `${layerName(0)}.conv.weight`;
export const FIRST_BIAS = `${layerName(0)}.conv.bias`;

/** Whether a convolution is normed: each has layer norm, or only the first has group norm. */
const isNormed = ({ feat_extract_norm }: SpeechConfig, index: number) =>
  feat_extract_norm === "layer" || index === 0;

export function convolutionShapes(config: SpeechConfig): Shapes {
  const { conv_dim, conv_kernel, conv_bias } = config, shapes: Shapes = {};
  conv_dim.forEach((width, i) => {
    const name = layerName(i);
    shapes[`${name}.conv.weight`] = [width, i ? conv_dim[i - 1] : 1, conv_kernel[i]];
    if (conv_bias) shapes[`${name}.conv.bias`] = [width];
    if (isNormed(config, i)) {
      shapes[`${name}.layer_norm.weight`] = [width];
      shapes[`${name}.layer_norm.bias`] = [width];
    }
  });
  return shapes;
}

/**
 * Computes frames `[B,L,C]` of samples `[B,N]`. `first` `[B,L0]` masks the frames of the first convolution:
 * its group norm uses only an utterance's own frames. The reference includes padding, so the two agree for an
 * utterance without padding. If `firstMean` and `firstVariance` `[C]` are given, the group norm uses them.
 */
export function convolutions(
  params: Params,
  { samples, firstMask, firstMean, firstVariance }: Omit<SpeechInputs, "mask">,
  config: SpeechConfig,
): tf.Tensor3D {
  const { conv_dim, conv_stride, feat_extract_norm } = config;
  let x: tf.Tensor3D = tf.expandDims(samples, 1); // [B,C,L] between convolutions
  for (let i = 0; i < conv_dim.length; i++) {
    const name = layerName(i), parameter = (end: string) => params[`${name}.${end}`] as tf.Variable;
    const bias = parameter("conv.bias") as tf.Variable<tf.Rank.R1> | undefined;
    x = conv1d(x, parameter("conv.weight") as tf.Tensor3D, bias, { stride: conv_stride[i] });
    if (feat_extract_norm === "layer") {
      x = turned(normLayer(params, `${name}.layer_norm`, turned(x)));
    } else if (isNormed(config, i)) {
      const [gamma, beta] = [parameter("layer_norm.weight"), parameter("layer_norm.bias")] as tf.Tensor1D[];
      x = firstMean && firstVariance
        ? normedBy(x, firstMean, firstVariance, gamma, beta)
        : groupNorm(x, firstMask, gamma, beta);
    }
    x = activate(config.feat_extract_activation, x);
  }
  return turned(x);
}

/** Transposes `[B,C,L]` to `[B,L,C]`, and back. */
const turned = (x: tf.Tensor3D): tf.Tensor3D => tf.transpose(x, [0, 2, 1]);

/** Normalises the channels of `x [B,C,L]` with given means and variances `[C]`, as group norm does. */
function normedBy(
  x: tf.Tensor3D,
  mean: tf.Tensor1D,
  variance: tf.Tensor1D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
): tf.Tensor3D {
  const column = (values: tf.Tensor) => tf.reshape(values, [1, -1, 1]);
  const scale = tf.mul(tf.rsqrt(tf.add(variance, EPSILON)), gamma);
  return tf.add(tf.mul(tf.sub(x, column(mean)), column(scale)), column(beta));
}

/** Of group norm. */
const EPSILON = 1e-5;

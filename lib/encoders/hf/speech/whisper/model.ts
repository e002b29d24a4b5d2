/** Whisper's encoder: log-mel spectra in, hidden states out. Names are PyTorch's. */
import * as tf from "@tensorflow/tfjs-core";
import { detached, gelu } from "../../../../compute/mod.ts";
import { conv1d, dropout, type ForwardContext, type Params } from "../../../../nn/mod.ts";
import type { Weights } from "../../../encoder.ts";
import type { Model } from "../../model.ts";
import { readWeights, type Shapes } from "../../weights.ts";
import { type LayerNames, layerShapes, layerStates } from "../layers.ts";
import { maskedSpans } from "../spec_augment.ts";
import type { WhisperArchitecture, WhisperConfig } from "./config.ts";

/**
 * Spectra `[B,2L,bands]` of a window of L hidden states, and the mask `[B,L]` of a recording's own states.
 */
export type WhisperInputs = { features: tf.Tensor3D; mask: tf.Tensor2D };

/** Whisper's encoder without its preprocessing. */
export type WhisperModel = WhisperArchitecture & Model<WhisperInputs>;

const NAMES: LayerNames = {
  attention: "self_attn",
  attentionNorm: "self_attn_layer_norm",
  inner: "fc1",
  outer: "fc2",
  outerNorm: "final_layer_norm",
  keyBias: false,
};

const POSITIONS = "encoder.embed_positions.weight";

/** Returns the shape of every parameter by name. */
export function whisperShapes({ config }: Pick<WhisperArchitecture, "config">): Shapes {
  const { hidden_size: width, num_mel_bins: bands } = config;
  return {
    "encoder.conv1.weight": [width, bands, 3],
    "encoder.conv1.bias": [width],
    "encoder.conv2.weight": [width, width, 3],
    "encoder.conv2.bias": [width],
    [POSITIONS]: [config.max_source_positions, width],
    ...layerShapes(config, NAMES),
  };
}

/**
 * Returns the encoder up to hidden states `layer` (default: the last). It attends to the whole window,
 * padding included, as the reference does: silence that fills the window is part of what it was trained on.
 * As there, positions are not trained.
 */
export function whisperModel(
  architecture: WhisperArchitecture,
  layer = architecture.config.num_hidden_layers,
): WhisperModel {
  const { config } = architecture;
  return {
    ...architecture,
    layer,
    apply(params, { features, mask }, context) {
      let x: tf.Tensor3D = tf.transpose(augmented(features, mask, config, context), [0, 2, 1]);
      x = convolved(params, "encoder.conv1", x, 1);
      x = convolved(params, "encoder.conv2", x, 2);
      const placed: tf.Tensor3D = tf.add(tf.transpose(x, [0, 2, 1]), detached(params[POSITIONS]));
      const first = dropout(placed, config.hidden_dropout, context), everywhere = tf.ones([1, 1, 1, 1]);
      const hiddenStates = layerStates(
        params,
        first,
        everywhere as tf.Tensor4D,
        config,
        { names: NAMES, depth: layer },
        context,
      );
      return { states: hiddenStates[layer], mask, hiddenStates };
    },
  };
}

function convolved(params: Params, name: string, x: tf.Tensor3D, stride: number): tf.Tensor3D {
  const [weight, bias] = ["weight", "bias"].map((end): tf.Tensor => params[`${name}.${end}`]);
  return gelu(conv1d(x, weight as tf.Tensor3D, bias as tf.Tensor1D, { stride, padding: 1 }));
}

/** Returns the features with spans of a recording's own spectra, and of bands, set to 0 in training. */
function augmented(
  features: tf.Tensor3D,
  mask: tf.Tensor2D,
  config: WhisperConfig,
  context: ForwardContext,
): tf.Tensor3D {
  const own: tf.Tensor2D = tf.mul(tf.sum(mask, 1, true), 2);
  const { times, features: bands } = maskedSpans(own, features.shape, config, context);
  const seen: tf.Tensor3D = times ? tf.mul(features, tf.expandDims(tf.sub(1, times), 2)) : features;
  return bands ? tf.mul(seen, tf.expandDims(tf.sub(1, bands), 1)) : seen;
}

/** Reads the weights of the encoder in `folder`; see `readWeights`. Throws UndertoneError. */
export const readWhisperWeights = (
  folder: string,
  architecture: WhisperArchitecture,
  notes?: string[],
): Promise<Weights> =>
  readWeights(folder, architecture.family.prefix, whisperShapes(architecture), [], notes);

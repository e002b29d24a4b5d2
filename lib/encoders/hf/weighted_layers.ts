import * as tf from "@tensorflow/tfjs-core";
import type { EncoderOutput, Weights } from "../encoder.ts";
import type { Model } from "./model.ts";

/** Name of the parameter whose softmax weights the layers. */
export const LAYER_WEIGHTS = "layer_weights";

/**
 * Returns the model with a weighted sum of all its hidden states, as in SUPERB (Yang et al. 2021). The
 * weights are the softmax of `layer_weights`, one for each layer.
 */
export function weightedLayers<Inputs extends tf.NamedTensorMap>(model: Model<Inputs>): Model<Inputs> {
  const count = model.layer as number + 1;
  return {
    ...model,
    layer: "all",
    apply(params, inputs, context): EncoderOutput {
      const { hiddenStates, mask } = model.apply(params, inputs, context);
      const shares = tf.split(tf.softmax(params[LAYER_WEIGHTS] as tf.Tensor1D), count);
      const weighted = hiddenStates!.map((states, i) => tf.mul<tf.Tensor3D>(states, shares[i]));
      return { states: weighted.reduce((sum, states) => tf.add(sum, states)), mask, hiddenStates };
    },
  };
}

/** Adds `layer_weights` if absent: zeros, so that all layers count equally until they are trained. */
export const withLayerWeights = (weights: Weights, layers: number): Weights => ({
  ...weights,
  [LAYER_WEIGHTS]: weights[LAYER_WEIGHTS] ?? { shape: [layers + 1], data: new Float32Array(layers + 1) },
});

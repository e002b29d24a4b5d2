import * as tf from "@tensorflow/tfjs-core";
import type { EncoderOutput, Weights } from "../encoder.ts";
import type { Model } from "./model.ts";

/** Their softmax weighs the layers. */
export const LAYER_WEIGHTS = "layer_weights";

/**
 * The model with a weighted sum of all its hidden states instead of one of them, as SUPERB has it (Yang et al. 2021): the
 * weights are a softmax over `layer_weights`, one for each.
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

/** Weights of a model of so many layers, with those of its layers where they lack: equal until they train. */
export const withLayerWeights = (weights: Weights, layers: number): Weights => ({
  ...weights,
  [LAYER_WEIGHTS]: weights[LAYER_WEIGHTS] ?? { shape: [layers + 1], data: new Float32Array(layers + 1) },
});

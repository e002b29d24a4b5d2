import * as tf from "@tensorflow/tfjs-core";
import type { EncoderOutput } from "../encoder.ts";
import type { Model } from "./model.ts";

/** Their softmax weighs the layers. */
export const LAYER_WEIGHTS = "layer_weights";

/**
 * The model with a weighted sum of all its hidden states instead of one of them, as SUPERB has it (Yang et al. 2021): the
 * weights are a softmax over `layer_weights`, one for each, equal until they train.
 */
export function weightedLayers<Inputs>(model: Model<Inputs>): Model<Inputs> {
  const count = model.layer as number + 1;
  const weights = model.params[LAYER_WEIGHTS] ?? tf.tidy(() => tf.variable(tf.zeros([count])));
  return {
    ...model,
    layer: "all",
    params: { ...model.params, [LAYER_WEIGHTS]: weights },
    apply(params, inputs, context): EncoderOutput {
      const { hiddenStates, mask } = model.apply(params, inputs, context);
      const shares = tf.split(tf.softmax(params[LAYER_WEIGHTS] as tf.Tensor1D), count);
      const weighted = hiddenStates!.map((states, i) => tf.mul<tf.Tensor3D>(states, shares[i]));
      return { states: weighted.reduce((sum, states) => tf.add(sum, states)), mask, hiddenStates };
    },
  };
}

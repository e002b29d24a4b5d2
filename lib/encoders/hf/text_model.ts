/** A transformer from its configuration and weights: ids in, hidden states out. */
import type * as tf from "@tensorflow/tfjs-core";
import type { TextArchitecture } from "./config.ts";
import type { Model } from "./model.ts";
import { transformer } from "./transformer.ts";
import { paramsFrom, type Weights } from "./weights.ts";

/** Token ids, int32, and their mask, float32: both `[B,L]`. */
export type TextInputs = { ids: tf.Tensor2D; mask: tf.Tensor2D };

/** A transformer without its tokenizer. */
export type TextModel = TextArchitecture & Model<TextInputs>;

/**
 * The transformer of these weights (see `transformerShapes`), up to hidden state `layer` (default: the last); layers above
 * it are not computed.
 */
export function textModel(
  { family, config }: TextArchitecture,
  weights: Weights,
  layer = config.num_hidden_layers,
): TextModel {
  return {
    family,
    config,
    params: paramsFrom(weights),
    layer,
    apply(params, { ids, mask }, context) {
      const positions = family.positions(ids, config);
      const hiddenStates = transformer(params, { ids, positions, mask }, config, layer, context);
      return { states: hiddenStates[layer], mask, hiddenStates };
    },
  };
}

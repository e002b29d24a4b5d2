/** Builds a text model from its configuration: ids in, hidden states out. */
import type * as tf from "@tensorflow/tfjs-core";
import type { Feed } from "../../compute/mod.ts";
import type { TextArchitecture } from "./config.ts";
import type { Model } from "./model.ts";
import { transformer } from "./transformer.ts";

/** Token ids (int32) and their attention mask (float32), both `[B,L]`. */
export type TextInputs = { ids: tf.Tensor2D; mask: tf.Tensor2D };

/** Returns inputs of zeros for `batch` texts of `length` tokens. */
export function textOfSize(batch: number, length: number): Feed {
  const shape = [batch, length], size = batch * length;
  return { ids: { data: new Int32Array(size), shape }, mask: { data: new Float32Array(size), shape } };
}

/** A text model without its tokenizer. */
export type TextModel = TextArchitecture & Model<TextInputs>;

/**
 * Returns the transformer of this architecture up to hidden states `layer` (default: the last); layers above
 * are not computed. `transformerShapes` lists its parameters.
 */
export function textModel(
  { family, config }: TextArchitecture,
  layer = config.num_hidden_layers,
): TextModel {
  return {
    family,
    config,
    layer,
    apply(params, { ids, mask }, context) {
      const positions = family.positions(ids, config);
      const hiddenStates = transformer(
        params,
        { ids, positions, mask },
        config,
        layer,
        context,
        family.names,
      );
      return { states: hiddenStates[layer], mask, hiddenStates };
    },
  };
}

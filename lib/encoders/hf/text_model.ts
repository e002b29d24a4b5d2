/** Builds a text model from its configuration: ids in, hidden states out. */
import type * as tf from "@tensorflow/tfjs-core";
import type { Feed } from "../../compute/mod.ts";
import { type Packing, packingOf } from "../../nn/mod.ts";
import type { Row } from "../encoder.ts";
import type { TextArchitecture } from "./config.ts";
import type { Model } from "./model.ts";
import { transformer } from "./transformer.ts";

/** Token ids (int32) and their attention mask (float32), both `[B,L]`, and how padding is left out. */
export type TextInputs = { ids: tf.Tensor2D; mask: tf.Tensor2D } & Partial<Packing>;

/** Pads rows of ids at their end to `length` tokens. */
export function paddedTexts(rows: readonly Row[], length: number, padToken: number): Feed {
  const shape = [rows.length, length], ids = new Int32Array(rows.length * length).fill(padToken);
  const mask = new Float32Array(ids.length);
  rows.forEach((row, b) => {
    ids.set(row, b * length);
    mask.fill(1, b * length, b * length + row.length);
  });
  return { ids: { data: ids, shape }, mask: { data: mask, shape }, ...packingOf(mask, length) };
}

/** Returns inputs of zeros for `batch` texts of `length` tokens, some of which are packed. */
export function textOfSize(batch: number, length: number): Feed {
  const shape = [batch, length], size = batch * length;
  const count = length + batch ** 2 % length; // unrelated to the other sizes
  return {
    ids: { data: new Int32Array(size), shape },
    mask: { data: new Float32Array(size), shape },
    kept: { data: new Int32Array(count), shape: [count] },
    places: { data: new Int32Array(size), shape: [size] },
  };
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
    apply(params, { ids, mask, kept, places }, context) {
      const positions = family.positions(ids, config);
      const hiddenStates = transformer(
        params,
        { ids, positions, mask, packing: kept && places && { kept, places } },
        config,
        layer,
        context,
        family.names,
      );
      return { states: hiddenStates[layer], mask, hiddenStates };
    },
  };
}

/** A transformer from `config.json` and `model.safetensors`: ids in, hidden states out. */
import * as tf from "@tensorflow/tfjs-core";
import type { ForwardContext, Params } from "../../compute/mod.ts";
import { badInput } from "../../errors.ts";
import type { RawTensor } from "../../files/safetensors.ts";
import type { EncoderOutput } from "../encoder.ts";
import type { TextArchitecture } from "./config.ts";
import { transformer, transformerShapes } from "./transformer.ts";
import { readWeights } from "./weights.ts";

/** Token ids, int32, and their mask, float32: both `[B,L]`. */
export type TextInputs = { ids: tf.Tensor2D; mask: tf.Tensor2D };

/** Weights by name, as plain numbers. */
export type Weights = Record<string, RawTensor>;

/** A transformer without its tokenizer. */
export interface TextModel extends TextArchitecture {
  params: Params;
  /** The hidden states that `apply` gives: 0 are the embeddings, n those of layer n. */
  layer: number;
  apply(params: Params, inputs: TextInputs, context: ForwardContext): EncoderOutput;
}

/**
 * The transformer in `folder`, up to hidden state `layer` (default: the last); layers above it are not computed. Throws
 * UndertoneError where the files do not make one.
 */
export async function readTextModel(
  folder: string,
  { family, config }: TextArchitecture,
  layer?: number,
): Promise<TextModel> {
  const depth = layer ?? config.num_hidden_layers;
  if (!(Number.isInteger(depth) && depth >= 0 && depth <= config.num_hidden_layers)) {
    throw badInput({
      expected: `hidden states 0 (embeddings) to ${config.num_hidden_layers} (last layer)`,
      found: String(layer),
      at: folder,
      todo: "Choose one of these, or leave it out for the last.",
    });
  }
  const weights = await readWeights(folder, family.prefix, transformerShapes(config));
  return {
    family,
    config,
    params: paramsFrom(weights),
    layer: depth,
    apply(params, { ids, mask }, context) {
      const positions = family.positions(ids, config);
      const hiddenStates = transformer(params, { ids, positions, mask }, config, depth, context);
      return { states: hiddenStates[depth], mask, hiddenStates };
    },
  };
}

/** Weights as parameters on the engine in use; on engines in host memory not a number is copied. */
export function paramsFrom(weights: Weights): Params {
  const params: Params = {};
  for (const [name, { data, shape }] of Object.entries(weights)) {
    params[name] = tf.tidy(() => tf.variable(tf.tensor(data, shape)));
  }
  return params;
}

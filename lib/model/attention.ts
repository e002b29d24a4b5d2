/** Where the head of a model looks: the attention maps that it returns beside its logits. */
import * as tf from "@tensorflow/tfjs-core";
import { hostValues, toTensors } from "../compute/mod.ts";
import type { Example } from "../data/mod.ts";
import type { Modality } from "../encoders/mod.ts";
import { badInput } from "../errors.ts";
import { firstNotFinite } from "../finite.ts";
import { applyMethod } from "../fusion/mod.ts";
import { type Classifier, headInput } from "./classifier.ts";
import { INFERENCE } from "./predictor.ts";
import { reader } from "./reader.ts";

/** An attention map of one row, without padding. */
export interface AttentionMap {
  /** The method's name for it, e.g. `text_pool` or `text_to_audio`. */
  name: string;
  /** The modality whose positions ask; absent if the head weighs the keys once. */
  queries?: Modality;
  /** The modality whose positions are weighed. */
  keys: Modality;
  /** Weights by head, query and key; each row of keys sums to 1. */
  weights: number[][][];
}

/** The attention of one row. */
export interface RowAttention {
  /** Number of real positions of each modality, earlier utterances included. */
  lengths: Record<Modality, number>;
  /** Maps between modalities that the row has. */
  maps: AttentionMap[];
  /** Names of maps whose axes are unknown, so that they are left out. */
  unknown: string[];
}

/**
 * Returns the attention of a head for scaled examples. A method without attention has no maps. Throws
 * UndertoneError if a weight is not finite.
 */
export async function attentionOf(
  model: Classifier,
  examples: readonly Example[],
): Promise<RowAttention[]> {
  const found: RowAttention[] = [];
  for (const example of examples) { // alone: its maps then have the least padding
    const { feedOf } = reader(model, [example]);
    const tensors = tf.tidy(() => {
      const input = headInput(model, toTensors(feedOf([example])), INFERENCE), { params, options } = model;
      const { attention = {} } = applyMethod(model.method, params, input, options, INFERENCE);
      return { ...prefixed(attention), text: input.textMask, audio: input.audioMask };
    });
    found.push(await rowAttention(tensors, example.id, model.method.id));
    tf.dispose(tensors);
  }
  return found;
}

const MAP = "map ";
const prefixed = (maps: Record<string, tf.Tensor>): Record<string, tf.Tensor> =>
  Object.fromEntries(Object.entries(maps).map(([name, map]) => [MAP + name, map]));

async function rowAttention(
  { text, audio, ...maps }: Record<string, tf.Tensor>,
  row: string,
  method: string,
): Promise<RowAttention> {
  const real = async (mask: tf.Tensor) => (await hostValues(mask)).reduce((sum, m) => sum + m, 0);
  const lengths = { text: await real(text), audio: await real(audio) };
  const padded = { text: text.shape[1]!, audio: audio.shape[1]! };
  const result: RowAttention = { lengths, maps: [], unknown: [] };
  for (const [key, tensor] of Object.entries(maps)) {
    const name = key.slice(MAP.length), axes = axesOf(name, tensor.shape, padded);
    if (!axes) {
      result.unknown.push(name);
      continue;
    }
    const { queries, keys, heads } = axes, asking = queries ? padded[queries] : 1;
    const values = await hostValues(tensor);
    if (firstNotFinite(values) >= 0) {
      throw badInput({
        expected: "finite attention weights",
        found: `one that is not in ${name} of ${method}`,
        at: `row '${row}'`,
        todo: "The row's input or the model's weights are too large to compute with: leave the row out.",
      });
    }
    const weights = Array.from(
      { length: heads },
      (_, head) =>
        Array.from({ length: queries ? lengths[queries] : 1 }, (_, query) => {
          const start = (head * asking + query) * padded[keys];
          return Array.from(values.subarray(start, start + lengths[keys]));
        }),
    );
    if (lengths[keys] > 0 && weights[0].length > 0) result.maps.push({ name, queries, keys, weights });
  }
  return result;
}

/** Reads the axes of a map from its name, if its shape agrees: `[1,L]`, `[1,Lq,Lk]` or `[1,heads,Lq,Lk]`. */
function axesOf(
  name: string,
  shape: readonly number[],
  lengths: Record<Modality, number>,
): { queries?: Modality; keys: Modality; heads: number } | undefined {
  const [, first, second] = name.match(/^(text|audio)(?:_to_(text|audio))?(?![a-z])/) ?? [];
  if (first === undefined) return undefined;
  const [queries, keys] = (second ? [first, second] : [undefined, first]) as [Modality | undefined, Modality];
  const wanted = queries ? [lengths[queries], lengths[keys]] : [lengths[keys]];
  const heads = queries && shape.length === 4 ? shape[1] : 1;
  const agrees = shape.slice(-wanted.length).join() === wanted.join() &&
    shape.reduce((size, n) => size * n, 1) === wanted.reduce((size, n) => size * n, heads);
  return agrees ? { queries, keys, heads } : undefined;
}

/**
 * Earlier utterances of a dialogue as states: the mean states of each follow the utterance's own, with
 * learned embeddings of their distance and of same or other speaker.
 */
import * as tf from "@tensorflow/tfjs-core";
import { embedding, normalInit, type Params } from "../nn/mod.ts";
import type { Feed } from "../compute/mod.ts";
import {
  copyStates,
  type Earlier,
  type Example,
  type PadSize,
  type Sequence,
  SPEAKERS,
} from "../data/mod.ts";
import type { Modality } from "../encoders/mod.ts";
import { MODALITIES } from "./model_encoders.ts";

/** Standard deviation of new embeddings, as BERT draws its own. */
const DEVIATION = 0.02;

const nameOf = (modality: Modality, part: "distance" | "speaker") => `earlier.${modality}.${part}.weight`;

/**
 * Returns new embeddings for each modality that the model reads: `distance` `[count,D]` and `speaker`
 * `[3,D]`. None if `count` is 0.
 */
export function earlierParams(
  count: number,
  encoders: Partial<Record<Modality, { width: number }>>,
  seed: number,
): Params {
  const params: Params = {};
  for (const modality of count > 0 ? MODALITIES : []) {
    const width = encoders[modality]?.width;
    if (width === undefined) continue;
    const draw = (name: string, rows: number) =>
      params[name] = normalInit(seed, name, [rows, width], DEVIATION);
    draw(nameOf(modality, "distance"), count);
    draw(nameOf(modality, "speaker"), SPEAKERS.length);
  }
  return params;
}

/** Names of the inputs that only `withEarlier` reads, beside the states of a modality. */
const inputsOf = (modality: Modality) =>
  ({ is: `${modality}Earlier`, distance: `${modality}Distance`, speaker: `${modality}Speaker` }) as const;

/** Sequences of one modality with the mean states of earlier utterances behind them, and what those are. */
export interface WithEarlier {
  sequences: (Sequence | undefined)[];
  /** Returns the inputs of `withEarlier` for sequences that are padded to `length`. */
  feed(length: number): Feed;
}

/**
 * Appends the mean states of earlier utterances to the first `maxLength` states of each example. An utterance
 * without the modality, or without states, gets none: a head still knows that it is absent.
 */
export function appendEarlier(
  modality: Modality,
  examples: readonly Example[],
  { maxLength, width }: PadSize,
): WithEarlier {
  const added = examples.map((example) => {
    const own = example[modality];
    return !own?.length ? [] : (example.earlier ?? []).filter((earlier) => earlier[modality]?.length);
  });
  const kept = examples.map((example) => Math.min(example[modality]?.length ?? 0, maxLength));
  const sequences = examples.map((example, i): Sequence | undefined => {
    const own = example[modality];
    if (!own) return undefined;
    if (added[i].length === 0) return { data: own.data, length: kept[i], width };
    const data = new Float32Array((kept[i] + added[i].length) * width);
    copyStates(own, data.subarray(0, kept[i] * width));
    added[i].forEach((earlier, k) => data.set(meanOf(earlier[modality]!, maxLength), (kept[i] + k) * width));
    return { data, length: kept[i] + added[i].length, width };
  });
  return {
    sequences,
    feed(length) {
      const names = inputsOf(modality), shape = [examples.length, length];
      const is = new Float32Array(examples.length * length);
      const distance = new Int32Array(is.length), speaker = new Int32Array(is.length);
      added.forEach((all, row) =>
        all.forEach((earlier: Earlier, k) => {
          const place = row * length + kept[row] + k;
          is[place] = 1;
          distance[place] = earlier.distance - 1;
          speaker[place] = SPEAKERS.indexOf(earlier.speaker);
        })
      );
      return {
        [names.is]: { data: is, shape },
        [names.distance]: { data: distance, shape },
        [names.speaker]: { data: speaker, shape },
      };
    },
  };
}

/** Means of sequences that several batches read. */
const means = new WeakMap<Sequence, { most: number; mean: Float32Array }>();

/** Returns the mean of the first `most` states. */
function meanOf(sequence: Sequence, most: number): Float32Array {
  const known = means.get(sequence);
  if (known?.most === most) return known.mean;
  const { data, width } = sequence, length = Math.min(sequence.length, most), sum = new Float64Array(width);
  for (let i = 0; i < length * width; i++) sum[i % width] += data[i];
  const mean = Float32Array.from(sum, (value) => value / length);
  means.set(sequence, { most, mean });
  return mean;
}

/**
 * Adds the embeddings to the states of earlier utterances, and removes the inputs that a head does not know.
 * Returns other inputs unchanged.
 */
export function withEarlier(params: Params, inputs: Record<string, tf.Tensor>): Record<string, tf.Tensor> {
  const all = { ...inputs };
  for (const modality of MODALITIES) {
    const names = inputsOf(modality),
      { [names.is]: is, [names.distance]: distance, [names.speaker]: speaker } = all;
    if (!is) continue;
    const place = tf.add(
      embedding(params[nameOf(modality, "distance")], distance),
      embedding(params[nameOf(modality, "speaker")], speaker),
    );
    all[modality] = tf.add(all[modality], tf.mul(place, tf.expandDims(is, 2)));
    for (const name of Object.values(names)) delete all[name];
  }
  return all;
}

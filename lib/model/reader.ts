/** Turns examples into the inputs of a model: scaled, padded and batched. */
import type { Feed } from "../compute/mod.ts";
import {
  batchLengths,
  type BatchSizes,
  batchSizes,
  type Buffers,
  type Example,
  type PadSize,
  padStates,
  standardize,
  type Standardizer,
} from "../data/mod.ts";
import { type Modality, type Sequence, unpacked } from "../encoders/mod.ts";
import type { Classifier } from "./classifier.ts";
import { appendEarlier } from "./earlier.ts";
import { MODALITIES } from "./model_encoders.ts";

/**
 * Returns examples with hidden states scaled by the statistics of their group, or else of the model; equal
 * pairs of states and statistics once. A modality whose encoder is part of the model has no hidden states.
 */
export function scaleExamples<Row extends Example>(model: Classifier, examples: readonly Row[]): Row[] {
  const done = new Map<Standardizer, Map<Sequence, Sequence>>();
  const scale = (
    modality: Modality,
    { [modality]: sequence, scaling }: Pick<Example, Modality | "scaling">,
  ) => {
    const by = scaling?.[modality] ?? model.standardizers[modality];
    if (model.modelEncoders[modality]) return undefined;
    if (!sequence || !by) return sequence;
    if (!done.has(by)) done.set(by, new Map());
    const scaled = done.get(by)!;
    if (!scaled.has(sequence)) scaled.set(sequence, standardize(sequence, by));
    return scaled.get(sequence);
  };
  const both = <Given extends Pick<Example, Modality | "scaling">>(given: Given): Given => ({
    ...given,
    text: scale("text", given),
    audio: scale("audio", given),
  });
  const copiesOf = ({ copies, scaling }: Example) =>
    Object.fromEntries(
      MODALITIES.flatMap((modality) => {
        const all = copies?.[modality]?.flatMap((each) =>
          scale(modality, { [modality]: each, scaling }) ?? []
        );
        return all ? [[modality, all]] : [];
      }),
    );
  return examples.map((example) => ({
    ...both(example),
    ...example.copies && { copies: copiesOf(example) },
    ...example.earlier && { earlier: example.earlier.map(both) },
  }));
}

/** Returns the padded sizes of batches: the model's widths, and lengths up to its bounds. */
export const sizesFor = (model: Classifier, examples: readonly Example[]): BatchSizes =>
  batchSizes(examples, {
    widths: { text: model.encoders.text?.width, audio: model.encoders.audio?.width },
    maxLength: model.maxLength,
  });

/** Reads examples batch by batch. */
export interface Reader {
  /** Sort keys that bring rows of similar length together; see `batchOrder`. */
  lengths: Float64Array;
  /**
   * Returns the inputs of a batch: `text [B,Lt,Dt]` and `textMask [B,Lt]`, or the encoder's inputs under
   * `text.`. The arrays are reused, so the inputs of an earlier batch are no longer valid.
   */
  feed(rows: Int32Array): Feed;
  /** Does the same for other examples of the same kind, e.g. changed ones. */
  feedOf(examples: readonly Example[]): Feed;
}

/**
 * Creates a reader of scaled examples. If no example has hidden states
 * of a modality, it reads the raw inputs for the model's encoder.
 */
export function reader(
  model: Classifier,
  examples: readonly Example[],
  buffers: Buffers = new Map(),
): Reader {
  const sizes = sizesFor(model, examples);
  const parts = MODALITIES.map((modality) =>
    readsRawInput(model, modality, examples)
      ? rowsFeed(model, modality, examples)
      : statesFeed(model, modality, sizes[modality], buffers)
  );
  const feedOf = (own: readonly Example[]): Feed => Object.assign({}, ...parts.map((part) => part(own)));
  return {
    lengths: lengthsOf(model, examples),
    feed: (rows) => feedOf(Array.from(rows, (row) => examples[row])),
    feedOf,
  };
}

/**
 * Returns sort keys that are the same with and without hidden states. For a speech encoder in the model,
 * lengths form no groups.
 */
function lengthsOf(model: Classifier, examples: readonly Example[]): Float64Array {
  const groups = model.modelEncoders.audio ? [1] : undefined;
  return batchLengths(examples, sizesFor(model, examples), { groups });
}

const readsRawInput = (
  { modelEncoders }: Classifier,
  modality: Modality,
  examples: readonly Example[],
): boolean =>
  Boolean(modelEncoders[modality]) && examples.some(({ raw }) => raw?.[modality]) &&
  !examples.some((example) => example[modality]);

const statesFeed = (
  { earlier = 0, encoders }: Classifier,
  modality: Modality,
  size: PadSize,
  buffers: Buffers,
) =>
(own: readonly Example[]): Feed => {
  const read = earlier > 0 && encoders[modality] ? appendEarlier(modality, own, size) : undefined;
  const states = read?.sequences ?? own.map((example) => example[modality]);
  const bound = read ? { ...size, maxLength: Infinity } : size;
  const { data, mask, length, width } = padStates(modality, states, bound, buffers);
  return {
    ...read?.feed(length),
    [modality]: { data, shape: [own.length, length, width] },
    [`${modality}Mask`]: { data: mask, shape: [own.length, length] },
  };
};

/** Feeds rows, or what the encoder's lower part gives for them if all rows of the batch have that. */
function rowsFeed(model: Classifier, modality: Modality, examples: readonly Example[]) {
  const { preprocess, lower } = model.modelEncoders[modality]!;
  const isCut = examples.some(({ raw }) => raw?.[modality]?.lower);
  return (own: readonly Example[]): Feed => {
    const chosen = own.map(({ raw }) => raw?.[modality]);
    const feed: Feed = {
      [`${modality}.present`]: {
        data: Float32Array.from(chosen, (given) => given ? 1 : 0),
        shape: [own.length],
      },
    };
    const padded = lower && isCut && chosen.every((given) => !given || given.lower)
      ? lower.pad(chosen.map((given) => given?.lower))
      : preprocess.pad(chosen.map((given) => given ? unpacked(given.row) : []));
    for (const name in padded) feed[`${modality}.${name}`] = padded[name];
    return feed;
  };
}

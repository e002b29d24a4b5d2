/** Makes batches: chooses which rows go together, and pads their hidden states to one shape with masks. */
import { copyStates, type Modality, type Sequence } from "./sequence.ts";
import type { SPEAKERS } from "./dialogue.ts";
import type { Standardizer } from "./standardize.ts";
import { random, seedOf } from "../random.ts";
import type { Target } from "../target.ts";

/** The input of an encoder inside a model: token ids, or samples at 16 kHz as 16-bit integers. */
export interface Unencoded {
  /** The input, cut so that it yields no more hidden states than the model reads. */
  row: ArrayLike<number>;
  /** Number of hidden states that the encoder would make without the model's limit. */
  length: number;
  /** Number of hidden states of the whole input, if the encoder cuts it. */
  whole?: number;
  /** What the lower part of its encoder gives for the row, if that is computed already. */
  lower?: Sequence;
}

/** An earlier utterance of the same dialogue, with its hidden states. */
export interface Earlier {
  id: string;
  /** Its place before the utterance: 1 for the one just before. */
  distance: number;
  /** Whether it has the same speaker. */
  speaker: typeof SPEAKERS[number];
  text?: Sequence;
  audio?: Sequence;
  /** As in an example. */
  scaling?: Partial<Record<Modality, Standardizer>>;
}

/** One utterance as a model reads it. A missing modality is absent. */
export interface Example {
  id: string;
  /** Hidden states. */
  text?: Sequence;
  audio?: Sequence;
  /** Inputs of encoders inside the model, for modalities without given hidden states. */
  raw?: Partial<Record<Modality, Unencoded>>;
  /** Earlier utterances whose mean states a model reads, nearest first. */
  earlier?: readonly Earlier[];
  /** Hidden states of changed copies of a training row, one list for each modality that is augmented. */
  copies?: Partial<Record<Modality, readonly Sequence[]>>;
  /** Statistics of the row's own group that scale its hidden states in place of the model's. */
  scaling?: Partial<Record<Modality, Standardizer>>;
  /** What the model should answer; absent if it is unknown. */
  target?: Target;
}

/**
 * Hidden states `[size, length, width]` in row-major order with zeros at padding, and their attention mask
 * `[size, length]`: 1 real, 0 padding.
 */
export interface Padded {
  data: Float32Array<ArrayBuffer>;
  mask: Float32Array<ArrayBuffer>;
  length: number;
  width: number;
}

/** The size that one modality is padded or cut to. */
export interface PadSize {
  width: number;
  /**
   * Lengths that batches are padded to, ascending. Longer batches are padded to multiples of the last one.
   */
  buckets: readonly number[];
  /** Longer sequences are cut at the end. */
  maxLength: number;
}

export type BatchSizes = Record<Modality, PadSize>;

/** Few lengths, because each new shape has to be recorded. From 64 on they grow by at most a quarter. */
export const BUCKETS: readonly number[] = [
  ...[8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256],
  ...[320, 384, 448, 512, 640, 768, 896, 1024],
];

/**
 * Lengths that divide rows into groups for batches. They must not change: a run that an earlier version began
 * goes on with the same batches.
 */
const GROUPS: readonly number[] = [8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024];

/**
 * Batches per chunk. Each chunk is sorted by length and cut into batches; large chunks preserve most of the
 * shuffle.
 */
const BATCHES_PER_CHUNK = 50;

/**
 * Returns the sizes for batches of these examples. A modality that no example has gets width 1 and length 1,
 * unless `widths` (of a trained head) gives its width.
 */
export function batchSizes(
  examples: readonly Example[],
  { widths = {}, buckets = {}, maxLength = {} }: {
    widths?: Partial<Record<Modality, number>>;
    buckets?: Partial<Record<Modality, readonly number[]>>;
    maxLength?: Partial<Record<Modality, number>>;
  } = {},
): BatchSizes {
  const size = (modality: Modality): PadSize => {
    const width = widths[modality] ?? examples.find((example) => example[modality])?.[modality]?.width;
    if (width === undefined) return { width: 1, buckets: [1], maxLength: Infinity };
    const max = maxLength[modality] ?? Infinity;
    return { width, buckets: buckets[modality] ?? BUCKETS, maxLength: max };
  };
  return { text: size("text"), audio: size("audio") };
}

/**
 * Returns the sort keys for `batchOrder`: rows of one group of audio lengths are adjacent, and sorted by text
 * length.
 */
export function batchLengths(
  examples: readonly Example[],
  { text, audio }: BatchSizes,
  { groups = GROUPS }: { groups?: readonly number[] } = {},
): Float64Array {
  return Float64Array.from(examples, (example) => {
    const group = bucketOf(Math.min(lengthOf(example, "audio"), audio.maxLength), groups);
    return group * 2 ** 20 + Math.min(lengthOf(example, "text"), text.maxLength);
  });
}

/** Returns the number of hidden states of an utterance, including those still to be encoded. */
const lengthOf = (example: Example, modality: Modality): number =>
  (example[modality] ?? example.raw?.[modality])?.length ?? 0;

/**
 * Returns the rows of each batch of an epoch. Every row occurs once, rows of similar length go together, and
 * at most one batch is smaller than the rest. Shuffles the rows, cuts them into chunks of 50 batches, sorts
 * each chunk by length, cuts it into batches, and shuffles the batches.
 */
export function batchOrder(
  lengths: ArrayLike<number>,
  { batchSize, seed, epoch }: { batchSize: number; seed: number; epoch: number },
): Int32Array<ArrayBuffer>[] {
  const { shuffle } = random(seedOf("batch order", seed, epoch));
  const rows = Int32Array.from(shuffle(Array.from(lengths, (_, row) => row)));
  const batches: Int32Array<ArrayBuffer>[] = [];
  for (let start = 0; start < rows.length; start += batchSize * BATCHES_PER_CHUNK) {
    rows.subarray(start, start + batchSize * BATCHES_PER_CHUNK).sort((a, b) => lengths[a] - lengths[b]);
  }
  for (let start = 0; start < rows.length; start += batchSize) {
    batches.push(rows.slice(start, start + batchSize));
  }
  return shuffle(batches);
}

/** Arrays of earlier batches, reused because large allocations are slow. */
export type Buffers = Map<string, Float32Array<ArrayBuffer>>;

/**
 * Pads the sequences of one modality to the bucket of the longest. A missing sequence is all padding. Reuses
 * the arrays of this name in `buffers`.
 */
export function padStates(
  name: string,
  sequences: readonly (Sequence | undefined)[],
  { width, buckets, maxLength }: PadSize,
  buffers: Buffers = new Map(),
): Padded {
  const array = (part: string, length: number) => {
    const key = `${name} ${part} ${length}`, array = buffers.get(key) ?? new Float32Array(length);
    buffers.set(key, array);
    return array;
  };
  const lengths = sequences.map((sequence) => Math.min(sequence?.length ?? 0, maxLength));
  const length = bucketOf(Math.max(...lengths), buckets);
  const data = array("states", sequences.length * length * width);
  const mask = array("mask", sequences.length * length);
  sequences.forEach((sequence, row) => {
    const start = row * length, end = start + lengths[row], next = start + length;
    if (sequence) copyStates(sequence, data.subarray(start * width, end * width));
    data.fill(0, end * width, next * width);
    mask.fill(1, start, end).fill(0, end, next);
  });
  return { data, mask, length, width };
}

function bucketOf(length: number, buckets: readonly number[]): number {
  const last = buckets[buckets.length - 1];
  return buckets.find((bucket) => bucket >= length) ?? Math.ceil(length / last) * last;
}

/** Batches: which rows go together, and their hidden states padded to one shape with masks. */
import type { Modality, Sequence } from "./sequence.ts";
import { random, seedOf } from "../random.ts";

/** What an encoder inside a model reads: token ids, or samples at 16 kHz as 16-bit integers. */
export interface Unencoded {
  /** Cut so that no more hidden states come of it than the model keeps. */
  row: ArrayLike<number>;
  /** Hidden states that would come of all that the encoder takes of the input. */
  length: number;
  /** Hidden states that would come of the whole input, where the encoder takes less. */
  whole?: number;
}

/** One utterance as a model sees it; a modality that it lacks is absent. */
export interface Example {
  id: string;
  /** Hidden states. */
  text?: Sequence;
  audio?: Sequence;
  /** What encoders inside the model make hidden states of, where these are not given. */
  raw?: Partial<Record<Modality, Unencoded>>;
  /** Class, or -1 where unknown. */
  label: number;
}

/** Row-major `[size, length, width]` with zeros at padding, and its mask `[size, length]`: 1 real, 0 padding. */
export interface Padded {
  data: Float32Array<ArrayBuffer>;
  mask: Float32Array<ArrayBuffer>;
  length: number;
  width: number;
}

export interface PaddedBatch {
  ids: string[];
  size: number;
  /** Index of each row into the examples. */
  rows: Int32Array<ArrayBuffer>;
  text: Padded;
  audio: Padded;
  /** Classes, -1 where unknown. */
  labels: Int32Array<ArrayBuffer>;
}

/** To what one modality is padded, or cut. */
export interface PadSize {
  width: number;
  /** Lengths that batches are padded to, ascending; beyond the last, multiples of it. */
  buckets: readonly number[];
  /** Longer sequences lose their end. */
  maxLength: number;
}

export type BatchSizes = Record<Modality, PadSize>;

/** Few lengths, because each new shape has to be compiled; steps of a half at most, so that padding stays small. */
export const BUCKETS: readonly number[] = [8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024];

/** Batches of one chunk are cut from rows sorted by length; chunks this large keep most of the shuffle. */
const BATCHES_PER_CHUNK = 50;

/**
 * Sizes for batches of these examples. A modality that none of them has gets width 1 and length 1, unless `widths` (of a
 * trained head) says that it is known.
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

/** Sort keys for `batchOrder`: rows of the same padded audio length side by side, among these by length of text. */
export function batchLengths(examples: readonly Example[], { text, audio }: BatchSizes): Float64Array {
  return Float64Array.from(examples, (example) => {
    const padded = bucketOf(Math.min(lengthOf(example, "audio"), audio.maxLength), audio.buckets);
    return padded * 2 ** 20 + Math.min(lengthOf(example, "text"), text.maxLength);
  });
}

/** Hidden states of an utterance, those that are still to be made too. */
const lengthOf = (example: Example, modality: Modality): number =>
  (example[modality] ?? example.raw?.[modality])?.length ?? 0;

/**
 * Rows of each batch of an epoch: every row once, rows of like length together, at most one batch smaller than the rest.
 * Shuffles, cuts into chunks of 50 batches, sorts each by length, cuts into batches, shuffles these.
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

/**
 * The rows as one batch, each modality padded to the bucket of its longest row. With `buffers`, the arrays of an earlier
 * batch of the same shape are filled again: that batch is then over.
 */
export function padBatch(
  examples: readonly Example[],
  rows: Int32Array,
  sizes: BatchSizes,
  buffers: Buffers = new Map(),
): PaddedBatch {
  const chosen = Array.from(rows, (row) => examples[row]);
  const padded = (modality: Modality) =>
    padStates(modality, chosen.map((example) => example[modality]), sizes[modality], buffers);
  return {
    ids: chosen.map(({ id }) => id),
    size: chosen.length,
    rows: Int32Array.from(rows),
    text: padded("text"),
    audio: padded("audio"),
    labels: Int32Array.from(chosen, ({ label }) => label),
  };
}

/** Arrays of batches that are over; large ones are costly to come by. */
export type Buffers = Map<string, Float32Array<ArrayBuffer>>;

/**
 * One modality side by side, absent sequences all padding, in the bucket of the longest. Of `buffers`, those of this name
 * are filled again.
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
    if (sequence) data.set(sequence.data.subarray(0, lengths[row] * width), start * width);
    data.fill(0, end * width, next * width);
    mask.fill(1, start, end).fill(0, end, next);
  });
  return { data, mask, length, width };
}

function bucketOf(length: number, buckets: readonly number[]): number {
  const last = buckets[buckets.length - 1];
  return buckets.find((bucket) => bucket >= length) ?? Math.ceil(length / last) * last;
}

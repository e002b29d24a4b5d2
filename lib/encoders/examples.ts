/**
 * Turns a data set into examples: hidden states for frozen encoders, raw rows for encoders inside a model.
 */
import {
  type ClipWarning,
  type Dataset,
  type Example,
  type Rejection,
  targetsIn,
  type Utterance,
} from "../data/mod.ts";
import type { Modality, Preprocess, SpeechEncoder, TextEncoder } from "./encoder.ts";
import { encodeDataset, type EncodeOptions } from "./features.ts";
import { readUnencoded, type RowReader } from "./unencoded.ts";

/** The encoders that read a data set. A modality may be in both: frozen in one model, trained in another. */
export interface Readers {
  frozen: { text?: TextEncoder; audio?: SpeechEncoder };
  /** Encoders that are part of a model. */
  modelEncoders: Partial<Record<Modality, { preprocess: Preprocess<never>; piece?: number }>>;
}

/** The rows of a data set that can be read, and the reasons why the others can't. */
export interface ReadExamples {
  /** Usable rows, in order, with one example each. A row without a target that the data set knows has none. */
  rows: Utterance[];
  examples: Example[];
  /** Rejected rows, each once. */
  rejected: Rejection[];
  /** Rows that keep only their text, with the fault of their clip, each once. */
  textOnly: Rejection[];
  clipWarnings: ClipWarning[];
  /** Notes on stored features. */
  notes: string[];
}

/**
 * Turns every row into an example. Hidden states of frozen encoders come from the cache if they are there.
 * Rows for encoders inside a model are cut to give at most `most` hidden states.
 */
export async function readExamples(
  dataset: Dataset,
  { frozen, modelEncoders }: Readers,
  most: Readonly<Record<Modality, number>>,
  options: EncodeOptions = {},
): Promise<ReadExamples> {
  const { splits } = options;
  const keepText = options.keepText && Boolean(frozen.text ?? modelEncoders.text);
  const features = await encodeDataset(dataset, frozen, { ...options, keepText });
  const readers = { text: readerOf(modelEncoders.text), audio: readerOf(modelEncoders.audio) };
  const unencoded = await readUnencoded(dataset, readers, most, { ...options, keepText });
  const once = (all: readonly Rejection[]) => new Map(all.map((each) => [each.id, each]));
  const rejected = once([...features.rejected, ...unencoded.rejected]);
  const textOnly = once([...features.textOnly, ...unencoded.textOnly]);
  const rows = dataset.rows.filter(({ id, split }) =>
    !rejected.has(id) && (!splits || splits.includes(split))
  );
  const targetOf = targetsIn(dataset);
  const examples = rows.map((row): Example => {
    const { id } = row, target = targetOf(row);
    const raw = { text: unencoded.text?.get(id), audio: unencoded.audio?.get(id) };
    return {
      id,
      text: features.text?.get(id),
      audio: features.audio?.get(id),
      ...(target && { target }),
      ...(raw.text || raw.audio ? { raw } : {}),
    };
  });
  return {
    rows,
    examples,
    rejected: [...rejected.values()],
    textOnly: [...textOnly.values()].filter(({ id }) => !rejected.has(id)),
    clipWarnings: [...features.clipWarnings, ...unencoded.clipWarnings],
    notes: features.notes,
  };
}

const readerOf = (encoder: Readers["modelEncoders"][Modality]): RowReader<never> | undefined =>
  encoder && { ...encoder.preprocess, piece: encoder.piece };

/**
 * Turns a data set into examples: hidden states for frozen encoders, raw rows for encoders inside a model.
 */
import {
  type ClipWarning,
  type Dataset,
  type Earlier,
  type Example,
  type Rejection,
  speakersOf,
  targetsIn,
  type TextInput,
  turnsAround,
  type Utterance,
} from "../data/mod.ts";
import type { Modality, Preprocess, SpeechEncoder, TextEncoder } from "./encoder.ts";
import { encodeDataset, type EncodeOptions, type Features } from "./features.ts";
import { textsOf } from "./text_inputs.ts";
import { readUnencoded, type RowReader } from "./unencoded.ts";

/** The encoders that read a data set. A modality may be in both: frozen in one model, trained in another. */
export interface Readers {
  frozen: { text?: TextEncoder; audio?: SpeechEncoder };
  /** Encoders that are part of a model. */
  modelEncoders: Partial<Record<Modality, { preprocess: Preprocess<never>; piece?: number }>>;
}

/** The rows of a data set that can be read, and the reasons why the others can't. */
export interface ReadExamples {
  /**
   * Usable rows, in order, with one example each. A row without a target that the data set knows has none.
   */
  rows: Utterance[];
  examples: Example[];
  /** Rejected rows, each once. */
  rejected: Rejection[];
  /** Rows that keep only their text, with the fault of their clip, each once. */
  textOnly: Rejection[];
  clipWarnings: ClipWarning[];
  /** Notes on stored features, and on turns of context that the text encoder has no room for. */
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
  const targetOf = targetsIn(dataset), earlierOf = earlierStates(dataset.rows, features, options);
  const examples = rows.map((row): Example => {
    const { id } = row, target = targetOf(row);
    const earlier = earlierOf(row);
    const raw = { text: unencoded.text?.get(id), audio: unencoded.audio?.get(id) };
    return {
      id,
      text: features.text?.get(id),
      audio: features.audio?.get(id),
      ...(earlier && { earlier }),
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
    notes: [
      ...features.notes,
      ...turnsCutNotes(rows, dataset, modelEncoders.text ?? frozen.text?.network, options),
    ],
  };
}

/**
 * Returns a function from a row to the earlier utterances whose states it reads; undefined if none are read.
 */
function earlierStates(
  rows: readonly Utterance[],
  features: Pick<Features, Modality>,
  { context }: EncodeOptions,
): (row: Utterance) => Earlier[] | undefined {
  const count = context?.states ?? 0;
  if (count === 0) return () => undefined;
  const around = turnsAround(rows);
  return (row) =>
    around(row, count, 0).past.map((other, i) => ({
      id: other.id,
      distance: i + 1,
      speaker: speakersOf(row, other),
      text: features.text?.get(other.id),
      audio: features.audio?.get(other.id),
    }));
}

/** Returns a note if turns around texts do not fit the encoder. */
function turnsCutNotes(
  rows: readonly Utterance[],
  dataset: Dataset,
  encoder: { preprocess: Preprocess<never> } | undefined,
  { context }: EncodeOptions,
): string[] {
  const turnsCut = (encoder?.preprocess as Preprocess<TextInput> | undefined)?.turnsCut;
  if (!turnsCut || !context) return [];
  const textOf = textsOf(dataset, context),
    cut = rows.filter((row) => {
      const text = textOf(row);
      return text !== undefined && turnsCut(text) > 0;
    });
  return cut.length === 0 ? [] : [
    `The text encoder has no room for all turns around ${cut.length} texts: the farthest are left out or cut.`,
  ];
}

const readerOf = (encoder: Readers["modelEncoders"][Modality]): RowReader<never> | undefined =>
  encoder && { ...encoder.preprocess, piece: encoder.piece };

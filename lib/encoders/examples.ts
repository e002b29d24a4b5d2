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
import { readUnencoded } from "./unencoded.ts";

/** The encoders that read a data set. A modality may be in both: frozen in one model, trained in another. */
export interface Readers {
  frozen: { text?: TextEncoder; audio?: SpeechEncoder };
  /** Encoders that are part of a model. */
  modelEncoders: Partial<Record<Modality, { preprocess: Preprocess<never> }>>;
}

/** The rows of a data set that can be read, and the reasons why the others can't. */
export interface ReadExamples {
  /** Usable rows, in order, with one example each. A row without a target that the data set knows has none. */
  rows: Utterance[];
  examples: Example[];
  /** Rejected rows, each once. */
  rejected: Rejection[];
  clipWarnings: ClipWarning[];
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
  const features = await encodeDataset(dataset, frozen, options);
  const preprocess = { text: modelEncoders.text?.preprocess, audio: modelEncoders.audio?.preprocess };
  const unencoded = await readUnencoded(dataset, preprocess, most, options);
  const rejected = new Map<string, Rejection>();
  for (const each of [...features.rejected, ...unencoded.rejected]) rejected.set(each.id, each);
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
    clipWarnings: [...features.clipWarnings, ...unencoded.clipWarnings],
  };
}

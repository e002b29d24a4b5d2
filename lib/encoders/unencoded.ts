/** Prepares a data set for encoders inside a model: rows of token ids, and samples kept in memory. */
import {
  clipPath,
  type ClipWarning,
  type Dataset,
  readClip as readAnyClip,
  type Rejection,
  type TextInput,
  type Unencoded,
} from "../data/mod.ts";
import type { Modality, Preprocess } from "./encoder.ts";
import type { EncodeOptions } from "./features.ts";
import { boundedInput, keyOf, textsOf } from "./text_inputs.ts";

/** The part of an encoder's preprocessing that turns inputs into rows. */
export interface RowReader<In> extends Pick<Preprocess<In>, "rowOf" | "statesOf" | "lengthOf"> {
  /** Most hidden states that the encoder computes in one pass, and so in a model. */
  piece?: number;
}

/** Rows for encoders by row id; data set rows with the same input share one. */
export interface UnencodedRows {
  text?: Map<string, Unencoded>;
  audio?: Map<string, Unencoded>;
  /** Rows that keep only their text, with the fault of their clip. */
  textOnly: Rejection[];
  /** Rows whose clip can't be decoded or whose text can't be read. */
  rejected: Rejection[];
  /** Warnings about clips that were decoded. */
  clipWarnings: ClipWarning[];
}

/** Clips decoded in parallel; each video takes a process of its own. */
const TOGETHER = 8;

/**
 * Reads every row's text and clip for these encoders, each distinct input once. Inputs are cut to give at
 * most `most` hidden states, and no more than an encoder computes in one pass. Rejects rows whose clip can't
 * be decoded or whose text can't be read, with the reason.
 */
export async function readUnencoded(
  dataset: Dataset,
  { text, audio }: { text?: RowReader<TextInput>; audio?: RowReader<Float32Array> },
  most: Readonly<Record<Modality, number>>,
  options: Omit<EncodeOptions, "cacheDir"> = {},
): Promise<UnencodedRows> {
  const { splits, signal, onProgress, readClip = readAnyClip } = options;
  const rows = dataset.rows.filter((row) => !splits || splits.includes(row.split));
  const result: UnencodedRows = { rejected: [], textOnly: [], clipWarnings: [] };
  if (text) {
    const known = new Map<string, Unencoded | string>(), textOf = textsOf(dataset, options.context);
    const unencoded = (input: TextInput): Unencoded => ({
      row: text.rowOf(boundedInput(input), most.text),
      length: text.statesOf(text.rowOf(input)),
      whole: text.lengthOf?.(input),
    });
    const read = (input: TextInput): Unencoded | string => {
      try {
        return unencoded(input);
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    };
    result.text = new Map();
    for (const row of rows) {
      const { id } = row, input = textOf(row);
      if (input === undefined) continue;
      const key = keyOf(input);
      if (!known.has(key)) known.set(key, read(input));
      const found = known.get(key)!;
      if (typeof found !== "string") result.text.set(id, found);
      else result.rejected.push({ id, at: dataset.source, reason: found });
    }
  }
  if (audio) {
    const paths = [...new Set(rows.flatMap(({ audio }) => audio ?? []))], started = performance.now();
    const known = new Map<string, Unencoded>(), failures = new Map<string, string>();
    const read = async (path: string) => {
      try {
        const { samples, warnings } = await readClip(clipPath(dataset.root, path));
        const whole = audio.statesOf(audio.rowOf(samples)), length = Math.min(whole, audio.piece ?? whole);
        known.set(path, {
          row: packed(audio.rowOf(samples, Math.min(most.audio, audio.piece ?? Infinity))),
          length,
          ...(whole > length ? { whole } : {}),
        });
        result.clipWarnings.push(
          ...warnings.map((warning) => ({ at: clipPath(dataset.root, path), ...warning })),
        );
      } catch (error) {
        failures.set(path, error instanceof Error ? error.message : String(error));
      }
    };
    for (let first = 0; first < paths.length; first += TOGETHER) {
      signal?.throwIfAborted();
      await Promise.all(paths.slice(first, first + TOGETHER).map(read));
      const done = known.size + failures.size;
      const perSecond = done / Math.max(1, performance.now() - started) * 1000;
      onProgress?.({ modality: "audio", done, total: paths.length, cached: 0, perSecond, isReading: true });
    }
    result.audio = new Map();
    for (const { id, text: words, audio: path } of rows) {
      if (path === undefined) continue;
      const unencoded = known.get(path);
      if (unencoded) result.audio.set(id, unencoded);
      else {
        const kept = options.keepText && words !== undefined ? result.textOnly : result.rejected;
        kept.push({ id, at: clipPath(dataset.root, path), reason: failures.get(path)! });
      }
    }
  }
  return result;
}

const FULL_SCALE = 2 ** 15;

/** Packs samples in [-1, 1] as 16-bit integers, which halves the memory. Exact for 16-bit recordings. */
export const packed = (samples: ArrayLike<number>): Int16Array =>
  Int16Array.from(
    samples,
    (x) => Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, Math.round(x * FULL_SCALE))),
  );

/** Returns a row as its encoder expects it: packed samples become floats again. */
export function unpacked(row: ArrayLike<number>): ArrayLike<number> {
  if (!(row instanceof Int16Array)) return row;
  const samples = new Float32Array(row.length);
  for (let i = 0; i < row.length; i++) samples[i] = row[i] / FULL_SCALE;
  return samples;
}

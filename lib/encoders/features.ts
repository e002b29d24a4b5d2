/** Encodes a data set: hidden states of every row, each distinct input encoded once and cached on disk. */
import { join, resolve } from "node:path";
import {
  type AudioClip,
  clipReader,
  type ClipWarning,
  type Dataset,
  readClip,
  type Rejection,
  type Split,
  type TextInput,
  type Utterance,
} from "../data/mod.ts";
import { encodeInputs, type EncodeProgress, shardOf } from "./encode_inputs.ts";
import type { FrozenEncoder, Modality, Sequence, SpeechEncoder, TextEncoder } from "./encoder.ts";
import { fileKeys } from "./file_keys.ts";
import { fingerprint } from "./fingerprint.ts";
import { readableRows, readStored } from "./stored/mod.ts";
import { boundedInput, type InDialogue, keyOf, textsOf } from "./text_inputs.ts";
import { IN_MEMORY, type Room } from "./states_on_disk.ts";

export type { EncodeProgress } from "./encode_inputs.ts";

/** Hidden states by row id; rows with the same input share one Sequence. */
export interface Features {
  /** For rows with text; absent without a text encoder. */
  text?: Map<string, Sequence>;
  /** For rows with a clip; absent without a speech encoder. */
  audio?: Map<string, Sequence>;
  /**
   * Rows whose clip can't be decoded, whose input can't be encoded, or whose hidden states are not finite.
   * They are in neither map.
   */
  rejected: Rejection[];
  /** Rows that keep only their text, with the fault of their clip. They are in `text` alone. */
  textOnly: Rejection[];
  /** Warnings about clips decoded in this call. Cached clips were reported when they were first encoded. */
  clipWarnings: ClipWarning[];
  /** Damaged cache shards; their inputs were encoded again. */
  damaged: string[];
  /** Notes on stored features: keys that belong to no row. */
  notes: string[];
}

/**
 * A change of inputs. Each gets the key of its input: a hash of what the text or the clip contains.
 * @internal
 */
export interface Variant {
  /** What distinguishes it from every other change of a modality's inputs, as part of the cache key. */
  name: Readonly<Record<Modality, string>>;
  /** Changes the samples of a clip. */
  waveform?(samples: Float32Array, key: string): Float32Array;
  /** Changes a text. The turns around it stay. */
  text?(text: string, key: string): string;
}

/** Options of encoding a data set. */
export interface EncodeOptions {
  /** Folder of the feature cache; without it no states are kept. */
  cacheDir?: string;
  /**
   * Bytes of hidden states to keep in memory, where there is a cache. The others are read from it at each
   * use. Default 512 MiB.
   */
  memory?: number;
  /** Hashes every clip again, even if its size and times are unchanged. Default false. */
  verify?: boolean;
  /** Keeps the text of a row whose clip can't be encoded. Default false: such a row is rejected. */
  keepText?: boolean;
  /** Splits to encode. Default: all. */
  splits?: readonly Split[];
  /** Encodes the inputs of one shard of several alone, counted from 1. Default: all inputs. */
  shard?: { number: number; of: number };
  /** What is read of the dialogue around each row. Default: nothing. */
  context?: InDialogue;
  /** Aborts the call, which rejects with the signal's reason. States computed until then are cached. */
  signal?: AbortSignal;
  /** Called with the progress after every few inputs. */
  onProgress?(progress: EncodeProgress): void;
  /**
   * Changes inputs before they are encoded. Their states have cache keys of their own.
   * @internal
   */
  variant?: Variant;
  /**
   * Reads a clip as mono samples at 16 kHz. Default: the reader of lib/data/audio.
   * @internal
   */
  readClip?(path: string): Promise<AudioClip>;
}

/**
 * Encodes every row's text and clip. Rejects rows whose clip can't be decoded, whose input can't be encoded
 * or whose hidden states are not finite, with the reason; such states are not cached. Throws if no input of
 * the first batch can be encoded.
 *
 * @example
 * ```ts
 * import { encodeDataset, loadDataset, textEncoder } from "@undertone/undertone";
 *
 * const dataset = await loadDataset("sample");
 * const { text } = await encodeDataset(dataset, { text: await textEncoder("use-lite") });
 * console.log(text!.get(dataset.rows[0].id)); // { data, length, width: 512 }
 * ```
 */
export async function encodeDataset(
  dataset: Dataset,
  encoders: { text?: TextEncoder; audio?: SpeechEncoder },
  options: EncodeOptions = {},
): Promise<Features> {
  using reader = clipReader();
  const { cacheDir, splits, verify, signal, variant, shard } = options;
  const room: Room = { left: options.memory ?? IN_MEMORY };
  const isOurs = (name: string) => !shard || shardOf(name, shard.of) === shard.number;
  const keyFor = (modality: Modality, key: string) =>
    variant ? fingerprint(key, variant.name[modality]) : key;
  const rows = dataset.rows.filter((row) => !splits || splits.includes(row.split));
  const features: Features = { rejected: [], textOnly: [], clipWarnings: [], damaged: [], notes: [] };
  const pathOf = (audio: string) => resolve(dataset.root, audio);

  const hasText = readableRows("text", encoders.text, dataset.rows);
  const fail = (row: Utterance, at: string, reason: string) => {
    const kept = options.keepText && hasText.has(row.id) ? features.textOnly : features.rejected;
    kept.push({ id: row.id, at, reason });
  };
  const storedStates = async (encoder: FrozenEncoder<never>, wanted: readonly Utterance[]) => {
    const { modality } = encoder, started = performance.now();
    const onProgress = (done: number, total: number) => {
      const perSecond = done / Math.max(1, performance.now() - started) * 1000;
      options.onProgress?.({ modality, done, total, cached: 0, perSecond, isReading: true });
    };
    features.notes.push(...encoder.stored!.notes(dataset.rows));
    return await readStored(encoder, dataset.rows, wanted, { signal, onProgress });
  };

  let failures = new Map<string, string>();
  if (encoders.audio?.stored) {
    const { states, faults } = await storedStates(encoders.audio, rows);
    features.audio = states;
    for (const row of rows) if (faults.has(row.id)) fail(row, dataset.source, faults.get(row.id)!);
  } else if (encoders.audio) {
    const paths = distinct(rows.flatMap(({ audio }) => audio === undefined ? [] : [pathOf(audio)])).filter(
      isOurs,
    );
    const keys = cacheDir && await fileKeys(paths, join(cacheDir, "files.json"), { verify, signal });
    const inputs = paths.map((path) => {
      const key = keys ? keys.get(path) : undefined;
      return {
        name: path,
        key: key && keyFor("audio", key),
        load: async (isAhead: boolean) => {
          const read = options.readClip ?? (isAhead ? reader.readClip : readClip);
          const { samples, warnings } = await read(path);
          features.clipWarnings.push(...warnings.map((warning) => ({ at: path, ...warning })));
          return variant?.waveform?.(samples, key ?? path) ?? samples;
        },
      };
    });
    const encoded = await encodeInputs(encoders.audio, inputs, room, options);
    failures = encoded.failures;
    features.clipWarnings = features.clipWarnings.filter(({ at }) => !failures.has(at)); // they are not used
    features.audio = new Map();
    for (const path of encoded.damaged) features.damaged.push(path);
    for (const row of rows) {
      if (row.audio === undefined) continue;
      const path = pathOf(row.audio), sequence = encoded.sequences.get(path);
      if (!isOurs(path)) continue;
      if (sequence) features.audio.set(row.id, sequence);
      else fail(row, path, failures.get(path)!);
    }
  }
  const dead = new Set(features.rejected.map(({ id }) => id));
  const usable = rows.filter(({ id }) => !dead.has(id));
  if (encoders.text?.stored) {
    const { states, faults } = await storedStates(encoders.text, usable);
    features.text = states;
    for (const { id } of usable) {
      if (!faults.has(id)) continue;
      features.audio?.delete(id);
      features.rejected.push({ id, at: dataset.source, reason: faults.get(id)! });
    }
  } else if (encoders.text) {
    const encoder = encoders.text as FrozenEncoder<TextInput>, textOf = textsOf(dataset, options.context);
    const keys = new Map<string, string>(), texts = new Map<string, TextInput>();
    for (const row of usable) {
      const text = textOf(row);
      if (text === undefined || !isOurs(keyOf(text))) continue;
      keys.set(row.id, keyOf(text));
      texts.set(keyOf(text), text);
    }
    // Texts of similar length share a batch. The longest come first: if memory runs out, it does so at once.
    const names = [...texts.keys()].sort((a, b) => b.length - a.length);
    const changed = (input: TextInput, key: string): TextInput => {
      const change = (text: string) => variant?.text?.(text, key) ?? text;
      return typeof input === "string" ? change(input) : { ...input, text: change(input.text) };
    };
    const inputs = names.map((name) => {
      const input = texts.get(name)!, key = fingerprint(name);
      return {
        name,
        key: keyFor("text", encoder.revised?.(input) ? fingerprint("read anew", name) : key),
        load: () => new Promise<TextInput>((resolve) => resolve(changed(boundedInput(input), key))),
      };
    });
    const encoded = await encodeInputs(encoder, inputs, room, options);
    for (const path of encoded.damaged) features.damaged.push(path);
    const { lengthOf } = encoder;
    if (lengthOf && !variant) {
      // A text that was cut fills the encoder's bound, so none has more states. Counting tokens takes long.
      const all = [...encoded.sequences],
        most = all.reduce((most, [, { length }]) => Math.max(most, length), 0);
      for (
        const [name, sequence] of options.context ? all : all.filter(([, { length }]) => length === most)
      ) {
        const whole = lengthOf(texts.get(name)!);
        if (whole > sequence.length) sequence.whole = whole; // cached states are of the cut text
      }
    }
    features.text = new Map();
    for (const { id } of usable) {
      const name = keys.get(id);
      if (name === undefined) continue;
      const sequence = encoded.sequences.get(name);
      if (sequence) features.text.set(id, sequence);
      else {
        features.audio?.delete(id);
        features.rejected.push({ id, at: dataset.source, reason: encoded.failures.get(name)! });
      }
    }
  }
  return features;
}

const distinct = (items: readonly string[]) => [...new Set(items)];

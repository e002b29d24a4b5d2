/** Encodes a data set: hidden states of every row, each distinct input encoded once and cached on disk. */
import { basename, join, resolve } from "node:path";
import {
  type AudioClip,
  type ClipWarning,
  type Dataset,
  readClip as readAnyClip,
  type Rejection,
  type Split,
  type TextInput,
  type Utterance,
} from "../data/mod.ts";
import { badInput } from "../errors.ts";
import { firstNotFinite } from "../finite.ts";
import { type FeatureCache, openFeatureCache } from "./cache.ts";
import { claimed } from "./claims.ts";
import {
  type FrozenEncoder,
  type Modality,
  SAMPLE_RATE,
  type Sequence,
  type SpeechEncoder,
  type TextEncoder,
} from "./encoder.ts";
import { fileKeys } from "./file_keys.ts";
import { fingerprint } from "./fingerprint.ts";
import { readableRows, readStored } from "./stored/mod.ts";
import { boundedInput, type InDialogue, keyOf, textsOf } from "./text_inputs.ts";
import { IN_MEMORY, type Room } from "./states_on_disk.ts";
import { withoutVersions } from "./versions.ts";

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

/** Progress of encoding one modality. */
export interface EncodeProgress {
  /** The modality being encoded. */
  modality: Modality;
  /** Distinct inputs finished, counting cached and failed ones. */
  done: number;
  /** Number of distinct inputs. */
  total: number;
  /** How many of `done` were found in the cache. */
  cached: number;
  /** Inputs encoded per second so far. */
  perSecond: number;
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

/** Inputs between two progress reports and two checks of the signal. */
const BATCH: Record<Modality, number> = { text: 128, audio: 8 };

/**
 * Samples of clips that are decoded before they are encoded, sorted by length, if clips of like length share
 * a pass: 5 minutes, 19 MB.
 */
const AHEAD = 5 * 60 * SAMPLE_RATE;

/** Batches that a process claims at once. */
const BLOCK = 16;

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
  const { cacheDir, splits, verify, signal, variant, readClip = readAnyClip, shard } = options;
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
      options.onProgress?.({ modality, done, total, cached: 0, perSecond });
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
        load: async () => {
          const { samples, warnings } = await readClip(path);
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

interface Input<In> {
  name: string;
  /** Hash of the content, if known: the key in the cache. */
  key?: string;
  load(): Promise<In>;
}

/** An input and what was read of it. */
interface Loaded<In> {
  input: Input<In>;
  value: In;
}

/** Number of samples or characters. */
const lengthOf = (value: unknown): number => (value as { length?: number }).length ?? 0;

/** Returns sequences by input name, and the reason for each input that failed. */
async function encodeInputs<In>(
  encoder: FrozenEncoder<In>,
  inputs: readonly Input<In>[],
  room: Room,
  { cacheDir, signal, onProgress, shard }: EncodeOptions,
) {
  const cache = cacheDir && await openFeatureCache(join(cacheDir, cacheName(encoder)));
  const found = cache ? await cache.load(keysOf(inputs), room) : new Map<string, Sequence>();
  const { piece = Infinity } = encoder;
  const sequences = new Map<string, Sequence>();
  const failures = new Map<string, string>();
  const isNothing = ({ length }: Sequence) => length === 0 && encoder.nothing !== undefined;
  /** Takes what was found of some inputs, and returns the others. */
  const takeFound = (inputs: readonly Input<In>[], found: ReadonlyMap<string, Sequence>) =>
    inputs.filter(({ name, key = "" }) => {
      const plain = found.get(key), windowed = found.get(inWindows(key));
      // Earlier versions kept a long input under its plain key, and computed it otherwise.
      const sequence = windowed ?? (plain && plain.length <= piece ? plain : undefined);
      if (sequence && isNothing(sequence)) failures.set(name, encoder.nothing!);
      else if (sequence) sequences.set(name, sequence);
      return !sequence;
    });
  const missing = new Set(takeFound(inputs, found));
  const onDisk: Input<In>[] = []; // encoded, but too large for memory
  const cached = sequences.size + failures.size;
  const started = performance.now();
  let elsewhere = 0; // cached by other processes, and not read here yet
  const report = () => {
    const done = sequences.size + failures.size + onDisk.length + elsewhere;
    const perSecond = (done - cached) / Math.max(1, performance.now() - started) * 1000;
    onProgress?.({ modality: encoder.modality, done, total: inputs.length, cached, perSecond });
  };
  const onWait = async () => {
    if (!cache) return;
    await cache.refresh();
    elsewhere =
      [...missing].filter(({ name, key }) =>
        !sequences.has(name) && !failures.has(name) && key !== undefined && cache.has(key, inWindows(key))
      ).length;
    report();
  };
  try {
    report();
    const size = BATCH[encoder.modality];
    const blocks = chunks(inputs, BLOCK * size).map((block) => ({
      name: fingerprint(...block.map(({ name, key }) => key ?? name)),
      inputs: block.filter((input) => missing.has(input)),
    }));
    for await (
      const { inputs, renew } of claimed(blocks, cache ? cache.folder : undefined, { signal, onWait })
    ) {
      elsewhere = 0;
      const left = cache ? takeFound(inputs, await foundMeanwhile(cache, inputs, room)) : inputs;
      for await (const batch of loaded(left, size, renew)) {
        await encodeBatch(batch);
        await renew();
        report();
      }
      if (cache) await cache.flush(); // before others may claim the block
    }
  } finally {
    if (cache) await cache.flush();
  }
  if (cache && onDisk.length > 0) {
    await cache.refresh();
    const lost = takeFound(onDisk, await cache.load(keysOf(onDisk), room));
    if (lost.length > 0) {
      throw badInput({
        expected: "the hidden states that were just encoded",
        found: `${lost.length} of ${onDisk.length} are gone or damaged, e.g. those of ${lost[0].name}`,
        at: cache.folder,
        todo: "Check the disk, and start again: the others are kept.",
      });
    }
  }
  return { sequences, failures, damaged: cache ? cache.damaged : [] };

  /**
   * Loads inputs, and yields them in batches of at most `size`; a failed one is in no batch. Renews the claim
   * after each input, because decoding ahead may take longer than a claim lasts.
   */
  async function* loaded(
    inputs: readonly Input<In>[],
    size: number,
    renew: () => Promise<void>,
  ): AsyncGenerator<Loaded<In>[]> {
    const share = encoder.network?.preprocess.passOf !== undefined;
    let ahead: Loaded<In>[] = [], samples = 0;
    for (const [i, batch] of chunks(inputs, size).entries()) {
      signal?.throwIfAborted();
      // In parallel: each video takes a process of its own.
      const more = (await Promise.all(batch.map(async (input) => {
        const loaded = await load(input);
        await renew();
        return loaded;
      }))).flat();
      ahead.push(...more);
      samples += more.reduce((sum, { value }) => sum + lengthOf(value), 0);
      if (share && samples < AHEAD && (i + 1) * size < inputs.length) continue;
      if (share) ahead.sort((a, b) => lengthOf(a.value) - lengthOf(b.value));
      for (const batch of ahead.length > 0 ? chunks(ahead, size) : [[]]) {
        signal?.throwIfAborted();
        yield batch;
      }
      ahead = [];
      samples = 0;
    }
  }

  async function load(input: Input<In>): Promise<Loaded<In>[]> {
    try {
      return [{ input, value: await input.load() }];
    } catch (error) {
      failures.set(input.name, error instanceof Error ? error.message : String(error));
      return [];
    }
  }

  async function encodeBatch(loaded: readonly Loaded<In>[]) {
    const encoded = await encodeAll(loaded);
    for (const [i, { input: { name, key } }] of loaded.entries()) {
      const sequence = encoded[i];
      if (!sequence) continue;
      const place = firstNotFinite(sequence.data);
      if (place >= 0) {
        const state = Math.floor(place / sequence.width), value = sequence.data[place];
        failures.set(name, `hidden states not finite: ${value} in state ${state} by ${encoder.id}`);
        continue;
      }
      if (isNothing(sequence)) failures.set(name, encoder.nothing!);
      else if (cache && key && sequence.data.byteLength > room.left) onDisk.push(loaded[i].input);
      else {
        room.left -= sequence.data.byteLength;
        sequences.set(name, sequence);
      }
      if (cache && key) await cache.add(sequence.length > piece ? inWindows(key) : key, sequence);
    }
  }

  /** Encodes a batch. If that fails, encodes each input alone and keeps the reason for each that fails. */
  async function encodeAll(
    batch: readonly Loaded<In>[],
  ): Promise<(Sequence | undefined)[]> {
    try {
      return await encoder.encode(batch.map(({ value }) => value));
    } catch (cause) {
      const alone: (Sequence | undefined)[] = [];
      for (const { input, value } of batch) {
        try {
          alone.push(...await encoder.encode([value]));
        } catch (error) {
          failures.set(input.name, `${encoder.id} can't encode it: ${inWords(error)}`);
          alone.push(undefined);
        }
      }
      // If nothing works, the encoder or the machine is at fault, not a row. A shard may have bad rows alone.
      if (sequences.size + onDisk.length === 0 && !alone.some(Boolean) && !shard) throw cause;
      return alone;
    }
  }
}

/** The key of states that were computed in windows. */
const inWindows = (key: string) => `${key} in windows`;

/** Says why an input can't be encoded. Engines report a lack of memory by their own names. */
function inWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /bad_alloc|allocat|out of memory/i.test(message) ? `out of memory (${message})` : message;
}

/** The cache folder's name: the end of the encoder's id (which may be a path) and its fingerprint. */
const cacheName = ({ id, fingerprint }: Pick<FrozenEncoder<never>, "id" | "fingerprint">): string =>
  `${basename(withoutVersions(id)).replaceAll(/[^\w.+-]/g, "-")}-${fingerprint}`;

/** Returns the states that other processes cached meanwhile. */
async function foundMeanwhile(cache: FeatureCache, inputs: readonly { key?: string }[], room: Room) {
  await cache.refresh();
  return await cache.load(keysOf(inputs), room);
}

/** The keys under which inputs may be cached. */
const keysOf = (inputs: readonly { key?: string }[]): string[] =>
  inputs.flatMap(({ key }) => key ? [key, inWindows(key)] : []);

/** Returns the number of an input's shard, from 1. */
const shardOf = (name: string, of: number): number => parseInt(fingerprint(name).slice(0, 8), 16) % of + 1;

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));

const distinct = (items: readonly string[]) => [...new Set(items)];

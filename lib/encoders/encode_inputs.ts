/** Encodes the distinct inputs of one modality, each once, and caches their hidden states on disk. */
import { basename, join } from "node:path";
import { badInput } from "../errors.ts";
import { firstNotFinite } from "../finite.ts";
import { type FeatureCache, openFeatureCache } from "./cache.ts";
import { openClaims } from "./claims.ts";
import type { FrozenEncoder, Modality, Sequence } from "./encoder.ts";
import { fingerprint } from "./fingerprint.ts";
import { AHEAD, type Group, type Input, type Loaded, loadInputs } from "./load_inputs.ts";
import { oneAhead } from "./one_ahead.ts";
import type { Room } from "./states_on_disk.ts";
import { withoutVersions } from "./versions.ts";

/** Progress of encoding one modality, or of reading it. */
export interface EncodeProgress {
  /** The modality being encoded or read. */
  modality: Modality;
  /** Distinct inputs finished, counting cached and failed ones. */
  done: number;
  /** Number of distinct inputs. */
  total: number;
  /** How many of `done` were found in the cache. */
  cached: number;
  /** Inputs encoded, or read, per second so far. */
  perSecond: number;
  /** Whether inputs are read and not encoded: stored features, and clips for an encoder that trains. */
  isReading?: boolean;
}

/** Options of `EncodeOptions` that concern all inputs alike. */
export interface EncodeInputsOptions {
  cacheDir?: string;
  shard?: { number: number; of: number };
  signal?: AbortSignal;
  onProgress?(progress: EncodeProgress): void;
}

/** Inputs between two progress reports and two checks of the signal. */
const BATCH: Record<Modality, number> = { text: 128, audio: 8 };

/** Batches that a process claims at once. */
const BLOCK = 16;

/**
 * Returns sequences by input name, and the reason for each input that failed. While a group of inputs is
 * encoded, the next one is loaded.
 */
export async function encodeInputs<In>(
  encoder: FrozenEncoder<In>,
  inputs: readonly Input<In>[],
  room: Room,
  { cacheDir, signal, onProgress, shard }: EncodeInputsOptions,
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
  let reported = 0, elsewhere = 0; // cached by other processes, and not read here yet
  const report = () => {
    const done = sequences.size + failures.size + onDisk.length + elsewhere;
    const perSecond = (done - cached) / Math.max(1, performance.now() - started) * 1000;
    reported = done;
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
    await using claims = openClaims(cache ? cache.folder : undefined);
    let isAhead = false;
    const groups = async function* (signal: AbortSignal) {
      for await (const { inputs, release } of claims.take(blocks, { signal, onWait })) {
        elsewhere = 0;
        const left = cache ? takeFound(inputs, await foundMeanwhile(cache, inputs, room)) : inputs;
        if (left.length === 0) await release();
        const options = { isAhead, signal, onLoad: claims.renew };
        for await (const group of loadInputs(left, encoder, size, options)) {
          yield { ...group, release };
          isAhead = true;
        }
      }
    };
    const mayOverlap = ({ size }: Group<In>) => size <= 2 * AHEAD; // longer recordings would fill the memory
    for await (const { loaded, faults, isLast, release } of oneAhead(groups, { signal, mayOverlap })) {
      for (const [name, reason] of faults) failures.set(name, reason);
      for (const batch of loaded.length > 0 ? chunks(loaded, size) : [[]]) {
        signal?.throwIfAborted();
        if (batch.length > 0) await encodeBatch(batch);
        await claims.renew();
        report();
      }
      if (!isLast) continue;
      if (cache) await cache.flush(); // before others may claim the block
      await release();
    }
    if (reported < inputs.length) report(); // other processes encoded the last ones
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
export const shardOf = (name: string, of: number): number =>
  parseInt(fingerprint(name).slice(0, 8), 16) % of + 1;

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));

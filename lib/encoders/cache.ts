/**
 * Hidden states on disk: a folder per encoder fingerprint, in it shards of a few megabytes, each written once by rename
 * under the hash of its own bytes. So a kill leaves whole shards only, processes at the same time don't disturb each
 * other, and damage shows. A shard is a safetensors file: `states` [sum of T, D], `lengths` [n], metadata `keys`.
 */
import { join } from "node:path";
import { badInput } from "../errors.ts";
import { firstNotFinite } from "../finite.ts";
import { decodeSafetensors, encodeSafetensors, writeFileAtomic } from "../files/mod.ts";
import type { Sequence } from "./encoder.ts";
import { fingerprint } from "./fingerprint.ts";

export interface FeatureCache {
  /** Sequences of those keys that are there; a shard's sequences share its memory. */
  load(keys: Iterable<string>): Promise<Map<string, Sequence>>;
  /** Keeps a sequence; it is on disk at the latest after `flush`. */
  add(key: string, sequence: Sequence): Promise<void>;
  /** Writes what is not on disk yet. */
  flush(): Promise<void>;
  /** Paths of shards that turned out damaged, or with states that are not finite, and were removed; their keys count as absent. */
  damaged: readonly string[];
}

/** A kill loses at most this much work. */
const SHARD_BYTES = 8 * 2 ** 20;
const SUFFIX = ".safetensors";

/**
 * Opens the cache in `folder`, which is made if need be, reading only the shards' headers. Throws UndertoneError where
 * it can't be made.
 */
export async function openFeatureCache(folder: string): Promise<FeatureCache> {
  const shardOf = new Map<string, string>();
  const damaged: string[] = [];
  const drop = async (path: string) => {
    damaged.push(path);
    await Deno.remove(path).catch(() => {}); // another process may have removed it
  };
  for (const path of await shards(folder)) {
    try {
      for (const key of await readKeys(path)) shardOf.set(key, path);
    } catch {
      await drop(path);
    }
  }

  let pending: [key: string, sequence: Sequence][] = [];
  let bytes = 0;
  async function flush() {
    const entries = pending;
    [pending, bytes] = [[], 0];
    if (entries.length === 0) return;
    const shard = pack(entries);
    await writeFileAtomic(join(folder, fingerprint(shard) + SUFFIX), shard);
  }

  return {
    damaged,
    flush,
    async load(keys) {
      const wanted = new Set(keys);
      const paths = new Set([...wanted].flatMap((key) => shardOf.get(key) ?? []));
      const found = new Map<string, Sequence>();
      for (const path of paths) {
        try {
          for (const [key, sequence] of unpack(await Deno.readFile(path), path)) {
            if (wanted.has(key)) found.set(key, sequence);
          }
        } catch {
          await drop(path);
        }
      }
      return found;
    },
    async add(key, sequence) {
      pending.push([key, sequence]);
      bytes += sequence.data.byteLength;
      if (bytes >= SHARD_BYTES) await flush();
    },
  };
}

/** Paths of the shards, in a fixed order. */
async function shards(folder: string): Promise<string[]> {
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch (cause) {
    throw badInput({
      expected: "a folder for cached features",
      found: `one that can't be made (${cause instanceof Error ? cause.message : cause})`,
      at: folder,
      todo: "Name another folder, or give the right to write there.",
    }, cause);
  }
  const names = (await Array.fromAsync(Deno.readDir(folder))).map((entry) => entry.name);
  return names.filter((name) => name.endsWith(SUFFIX)).sort().map((name) => join(folder, name));
}

function pack(entries: readonly [string, Sequence][]): Uint8Array {
  const width = entries[0][1].width;
  const lengths = Int32Array.from(entries, ([, sequence]) => sequence.length);
  const total = lengths.reduce((a, b) => a + b, 0);
  const states = new Float32Array(total * width);
  let offset = 0;
  for (const [, { data }] of entries) {
    states.set(data, offset);
    offset += data.length;
  }
  const keys = JSON.stringify(entries.map(([key]) => key));
  return encodeSafetensors({
    states: { shape: [total, width], data: states },
    lengths: { shape: [entries.length], data: lengths },
  }, { keys });
}

/** Entries of a shard. Throws where its bytes are not those that were written, and where a state is not finite. */
function unpack(bytes: Uint8Array, path: string): [string, Sequence][] {
  if (!path.endsWith(fingerprint(bytes) + SUFFIX)) throw new Error(`damaged shard ${path}`);
  const { tensors: { states, lengths }, metadata } = decodeSafetensors(bytes, path);
  const data = states.data as Float32Array;
  const width = states.shape[1];
  if (firstNotFinite(data) >= 0) throw new Error(`states that are not finite in ${path}`);
  let offset = 0;
  return JSON.parse(metadata.keys).map((key: string, i: number) => {
    const length = lengths.data[i];
    return [key, { data: data.subarray(offset, offset += length * width), length, width }];
  });
}

/** The keys in a shard's header, without reading its states. */
async function readKeys(path: string): Promise<string[]> {
  using file = await Deno.open(path);
  const read = async (length: number) => {
    const bytes = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      const count = await file.read(bytes.subarray(filled));
      if (count === null) throw new Error(`damaged shard ${path}`);
      filled += count;
    }
    return bytes;
  };
  const length = Number(new DataView((await read(8)).buffer).getBigUint64(0, true));
  const { size } = await file.stat();
  if (length > size) throw new Error(`damaged shard ${path}`);
  return JSON.parse(JSON.parse(new TextDecoder().decode(await read(length))).__metadata__.keys);
}

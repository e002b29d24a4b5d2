/**
 * The feature cache: hidden states on disk, one folder per encoder fingerprint. Each folder holds shards of a
 * few megabytes. A shard is written once, by rename, and its name is the hash of its bytes. So an
 * interruption leaves only whole shards, concurrent processes don't disturb each other, and damage is
 * detected.
 *
 * A shard is a safetensors file: `states` [sum of T, D], `lengths` [n], and the keys as JSON in the metadata
 * `keys`.
 */
import { join } from "node:path";
import { badInput } from "../errors.ts";
import { isFileError, isOutOfMemory } from "../explain.ts";
import { firstNotFinite } from "../finite.ts";
import { decodeSafetensors, encodeSafetensors, writeFileAtomic } from "../files/mod.ts";
import type { Sequence } from "./encoder.ts";
import { fingerprint } from "./fingerprint.ts";
import { type Room, StatesOnDisk } from "./states_on_disk.ts";

export interface FeatureCache {
  /** Where its shards are. */
  folder: string;
  /** Looks for shards that other processes wrote meanwhile. */
  refresh(): Promise<void>;
  /** Returns whether one of some keys is cached, as far as is known. */
  has(...keys: string[]): boolean;
  /**
   * Returns the sequences of those keys that are cached. Sequences of one shard share its memory, which is
   * taken from `room`. When that is used up, sequences stay on disk, and each use of their states reads them.
   */
  load(keys: Iterable<string>, room?: Room): Promise<Map<string, Sequence>>;
  /** Adds a sequence. It is on disk after the next `flush` at the latest. */
  add(key: string, sequence: Sequence): Promise<void>;
  /** Writes the sequences that are not on disk yet. */
  flush(): Promise<void>;
  /**
   * Paths of shards that were removed because they were damaged or held states that are not finite. Their
   * keys count as absent.
   */
  damaged: readonly string[];
}

/** Bytes of a shard, and the most work that an interruption loses. */
const SHARD_BYTES = 8 * 2 ** 20;
const SUFFIX = ".safetensors";

/**
 * Opens the cache in `folder`, which is created if needed. Reads only the headers of its shards. Throws
 * UndertoneError if the folder can't be created.
 */
export async function openFeatureCache(folder: string): Promise<FeatureCache> {
  const shardOf = new Map<string, string>();
  const damaged: string[] = [], seen = new Set<string>();
  const drop = async (path: string) => {
    if (!damaged.includes(path)) damaged.push(path);
    for (const [key, shard] of shardOf) if (shard === path) shardOf.delete(key);
    seen.delete(path); // the same states, encoded again, get the same name
    await Deno.remove(path).catch(() => {}); // another process may have removed it
  };
  /** Drops a shard whose bytes are wrong. Throws errors of the system: they say nothing about the bytes. */
  const dropDamaged = async (path: string, error: unknown) => {
    if (error instanceof Deno.errors.NotFound) return; // another process found it damaged, and removed it
    if (isOutOfMemory(error) || isFileError(error)) throw error;
    await drop(path);
  };
  async function refresh() {
    for (const path of await shards(folder)) {
      if (seen.has(path)) continue;
      seen.add(path);
      try {
        for (const key of await readKeys(path)) shardOf.set(key, path);
      } catch (error) {
        await dropDamaged(path, error);
      }
    }
  }
  await refresh();

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
    folder,
    damaged,
    refresh,
    has: (...keys) => keys.some((key) => shardOf.has(key)),
    flush,
    async load(keys, room = { left: Infinity }) {
      const wanted = new Set(keys);
      const paths = new Set([...wanted].flatMap((key) => shardOf.get(key) ?? []));
      const found = new Map<string, Sequence>();
      let passing = new Uint8Array(); // holds one shard after the other, of those that stay on disk
      for (const path of paths) {
        try {
          const { size } = await Deno.stat(path), fits = size <= room.left;
          if (!fits && passing.length < size) passing = new Uint8Array(size);
          const bytes = fits ? await Deno.readFile(path) : await readInto(passing.subarray(0, size), path);
          for (const [key, sequence] of unpack(bytes, path)) {
            if (wanted.has(key)) found.set(key, fits ? sequence : onDisk(path, sequence));
          }
          if (fits) room.left -= size;
        } catch (error) {
          await dropDamaged(path, error);
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

/** Returns the paths of the shards, sorted. */
async function shards(folder: string): Promise<string[]> {
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch (cause) {
    throw badInput({
      expected: "a folder for cached features",
      found: `one that can't be made (${cause instanceof Error ? cause.message : cause})`,
      at: folder,
      todo: "Name another folder, or allow writing there.",
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

/** Returns the entries of a shard. Throws if its bytes don't match its name or a state is not finite. */
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

/** Returns the same states, to be read from the shard at `path`, of whose bytes `data` is a view. */
const onDisk = (path: string, { data, length, width }: Sequence): Sequence =>
  new StatesOnDisk(path, data.byteOffset, length, width);

/** Reads the keys in a shard's header without its states. */
async function readKeys(path: string): Promise<string[]> {
  using file = await Deno.open(path);
  const length = Number(
    new DataView((await fill(new Uint8Array(8), file, path)).buffer).getBigUint64(0, true),
  );
  const { size } = await file.stat();
  if (length > size) throw new Error(`damaged shard ${path}`);
  const header = new TextDecoder().decode(await fill(new Uint8Array(length), file, path));
  return JSON.parse(JSON.parse(header).__metadata__.keys);
}

async function readInto<B extends Uint8Array>(bytes: B, path: string): Promise<B> {
  using file = await Deno.open(path);
  return await fill(bytes, file, path);
}

/** Fills `bytes` from where the file is read. */
async function fill<B extends Uint8Array>(bytes: B, file: Deno.FsFile, path: string): Promise<B> {
  for (let filled = 0; filled < bytes.length;) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) throw new Error(`damaged shard ${path}`);
    filled += count;
  }
  return bytes;
}

/** Recognises clips that were encoded before: keeps a hash of each file with its size and times. */
import { MOST_CLIP_BYTES } from "../data/mod.ts";
import { writeJsonAtomic } from "../files/mod.ts";
import { fingerprint } from "./fingerprint.ts";

/**
 * An entry of the index: a file's size in bytes, its `mtime` in ms (tools can set it), the hash of its
 * content, and its `ctime` in ms (tools can't set it). Null means unknown.
 */
type Known = [size: number, modified: number | null, key: string, changed: number | null];

/**
 * Two changes within this many ms may have the same `ctime`, because some file systems round it to seconds.
 */
const TICK = 2000;

/**
 * Returns the hash of each file's content, for files that can be read. A hash in `index` (a JSON file that
 * need not exist) is reused if the file's size and times are unchanged, unless `verify`. New hashes are added
 * to the index. It is written whole and by rename, so that any number of processes can use it at once: at
 * worst one loses entries of another, and a later call hashes those files again.
 */
export async function fileKeys(
  paths: readonly string[],
  index: string,
  { verify = false, signal }: { verify?: boolean; signal?: AbortSignal } = {},
): Promise<Map<string, string>> {
  const known = await readIndex(index), found = new Map<string, Known>();
  const keys = new Map<string, string>();
  try {
    for (const path of paths) {
      signal?.throwIfAborted();
      try {
        const now = Date.now(), { isFile, size, mtime, ctime } = await Deno.stat(path);
        if (!isFile || size > MOST_CLIP_BYTES) continue; // reading a pipe could wait for ever
        const modified = mtime?.getTime() ?? null, before = known.get(path);
        const touched = ctime && now - ctime.getTime() > TICK ? ctime.getTime() : null;
        const same = before?.[0] === size && modified !== null && before[1] === modified &&
          touched !== null && before[3] === touched;
        const key = same && !verify ? before[2] : fingerprint(await Deno.readFile(path));
        if (!same || key !== before[2]) {
          found.set(path, [size, modified, key, touched]);
        }
        keys.set(path, key);
      } catch {
        continue; // decoding will report what is wrong
      }
    }
  } finally {
    if (found.size > 0) { // read again: other processes may have added theirs meanwhile
      await writeJsonAtomic(index, Object.fromEntries([...await readIndex(index), ...found]));
    }
  }
  return keys;
}

/**
 * Reads the index. It only saves time, so an absent or damaged index or entry is ignored, as are older
 * entries without `ctime`.
 */
async function readIndex(path: string): Promise<Map<string, Known>> {
  try {
    const entries = Object.entries(JSON.parse(await Deno.readTextFile(path)) as object);
    return new Map(entries.filter((entry): entry is [string, Known] => isKnown(entry[1])));
  } catch {
    return new Map();
  }
}

const isKnown = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 4 && typeof value[0] === "number" &&
  /^[0-9a-f]{16}$/.test(value[2]) && [value[1], value[3]].every((time) =>
    time === null || typeof time === "number"
  );

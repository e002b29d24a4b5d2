/** Which clips are the ones that were encoded before: hashes of files, remembered beside what shows that they changed. */
import { writeJsonAtomic } from "../files/mod.ts";
import { fingerprint } from "./fingerprint.ts";

/**
 * What is remembered of a file: its size in bytes, when its content and when anything about it last changed (in ms, by
 * `mtime`, which tools set at will, and `ctime`, which they can't), and the hash of its content. Null is unknown.
 */
type Known = [size: number, modified: number | null, key: string, changed: number | null];

/** A change so soon after another, in ms, may leave the same `ctime`: it is told in whole seconds. */
const TICK = 2000;

/**
 * Hash of each file's content; files that can't be read have none. What `index` (a JSON file that need not exist) knows
 * of a path holds as long as size and times are the same, unless `verify`; what is new is added to it.
 */
export async function fileKeys(
  paths: readonly string[],
  index: string,
  { verify = false, signal }: { verify?: boolean; signal?: AbortSignal } = {},
): Promise<Map<string, string>> {
  const known = await readIndex(index);
  const keys = new Map<string, string>();
  let changed = false;
  try {
    for (const path of paths) {
      signal?.throwIfAborted();
      try {
        const now = Date.now(), { size, mtime, ctime } = await Deno.stat(path);
        const modified = mtime?.getTime() ?? null, before = known.get(path);
        const touched = ctime && now - ctime.getTime() > TICK ? ctime.getTime() : null;
        const same = before?.[0] === size && modified !== null && before[1] === modified &&
          touched !== null && before[3] === touched;
        const key = same && !verify ? before[2] : fingerprint(await Deno.readFile(path));
        if (!same || key !== before[2]) {
          known.set(path, [size, modified, key, touched]);
          changed = true;
        }
        keys.set(path, key);
      } catch {
        continue; // decoding says what is wrong with it
      }
    }
  } finally {
    if (changed) await writeJsonAtomic(index, Object.fromEntries(known));
  }
  return keys;
}

/** An absent or damaged index, or entry, is an empty one: it only saves time. Older entries lack the fourth part. */
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

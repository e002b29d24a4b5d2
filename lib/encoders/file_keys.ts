import { writeJsonAtomic } from "../files/atomic.ts";
import { fingerprint } from "./fingerprint.ts";

/** What is remembered of a file: its size in bytes, its time of change in ms, and the hash of its content. */
type Known = [size: number, modified: number, key: string];

/**
 * Hash of each file's content; files that can't be read have none. What `index` (a JSON file that need not exist) knows
 * of a path holds as long as size and time of change are the same; what is new is added to it.
 */
export async function fileKeys(
  paths: readonly string[],
  index: string,
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const known = await readIndex(index);
  const keys = new Map<string, string>();
  let changed = false;
  try {
    for (const path of paths) {
      signal?.throwIfAborted();
      try {
        const { size, mtime } = await Deno.stat(path);
        const modified = mtime?.getTime() ?? NaN; // without a time nothing is taken as unchanged
        if (known[path]?.[0] !== size || known[path][1] !== modified) {
          known[path] = [size, modified, fingerprint(await Deno.readFile(path))];
          changed = true;
        }
        keys.set(path, known[path][2]);
      } catch {
        continue; // decoding says what is wrong with it
      }
    }
  } finally {
    if (changed) await writeJsonAtomic(index, known);
  }
  return keys;
}

/** An absent or damaged index is an empty one: it only saves time. */
async function readIndex(path: string): Promise<Record<string, Known>> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch {
    return {};
  }
}

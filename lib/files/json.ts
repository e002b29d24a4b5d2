/** Reads JSON files that a user may have edited. */
import { badInput } from "../errors.ts";
import { requireNoPointer } from "./lfs.ts";
import { wholeText } from "./text.ts";

/**
 * Returns the value in a JSON file: UTF-8, with or without a byte order mark, or UTF-16. Throws
 * UndertoneError if the file can't be read or parsed.
 */
export async function readJson(path: string): Promise<unknown> {
  const fail = (found: string, todo: string, cause: unknown) =>
    badInput({ expected: "a JSON file", found, at: path, todo }, cause);
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (cause) {
    const missing = cause instanceof Deno.errors.NotFound;
    throw fail(missing ? "no file" : `an unreadable one (${cause})`, "Check the path.", cause);
  }
  requireNoPointer(bytes, path);
  const text = wholeText(bytes, path);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw fail(`invalid JSON (${(cause as Error).message})`, "Fix the file.", cause);
  }
}

/** JSON files that people may have had their hands on. */
import { badInput } from "../errors.ts";

/** The value in a JSON file, with or without a byte order mark. Throws UndertoneError where it can't be read as that. */
export async function readJson(path: string): Promise<unknown> {
  const fail = (found: string, todo: string, cause: unknown) =>
    badInput({ expected: "a JSON file", found, at: path, todo }, cause);
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    const missing = cause instanceof Deno.errors.NotFound;
    throw fail(missing ? "no file" : `an unreadable one (${cause})`, "Check the path.", cause);
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw fail(`invalid JSON (${(cause as Error).message})`, "Mend the file.", cause);
  }
}

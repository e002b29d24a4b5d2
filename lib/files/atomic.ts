/** Atomic writes: a file is written to a temporary path beside it, synced, then renamed. */
import { dirname } from "node:path";
import { badInput } from "../errors.ts";
import { fileAdvice } from "../explain.ts";

/** Tells this process from those of other hosts, which can have the same number. */
const OURS = crypto.getRandomValues(new Uint32Array(2)).join("");
let names = 0;

/** Returns a temporary path beside a path, which no other write of any process has. */
export const pathBeside = (path: string): string => `${path}.${OURS}${names++}.tmp`;

/**
 * Writes `content` to `path`. If the process is killed, either the previous file or the new one remains.
 * Creates the folder if needed. Throws UndertoneError if the write fails.
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const beside = pathBeside(path);
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    using file = await Deno.open(beside, { write: true, create: true, truncate: true });
    for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
    await file.sync();
    await Deno.rename(beside, path);
  } catch (cause) {
    await Deno.remove(beside).catch(() => {});
    throw unwritable("a file", path, cause);
  }
}

/** Adds a line to a file, which is created if needed. Throws UndertoneError if the write fails. */
export async function appendLine(path: string, line: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, line + "\n", { append: true });
  } catch (cause) {
    throw unwritable("a file", path, cause);
  }
}

/** Creates the folder if needed. Throws UndertoneError if no file can be created in it. */
export async function requireWritable(folder: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.remove(await Deno.makeTempFile({ dir: folder }));
  } catch (cause) {
    throw unwritable("a folder", folder, cause);
  }
}

/** Returns the error for a file or folder that could not be written. */
export const unwritable = (what: string, path: string, cause: unknown) =>
  badInput({
    expected: `${what} that can be written`,
    found: `one that can't (${cause instanceof Error ? cause.message : cause})`,
    at: path,
    todo: fileAdvice(cause),
  }, cause);

/** Writes a value as indented JSON with a final newline, by `writeFileAtomic`. */
export const writeJsonAtomic = (path: string, value: unknown): Promise<void> =>
  writeFileAtomic(path, JSON.stringify(value, null, 2) + "\n");

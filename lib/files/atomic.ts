/** Files that are whole at every instant: written beside, synced, then renamed. */
import { dirname } from "node:path";
import { badInput } from "../errors.ts";

/**
 * Writes `content` to `path` so that a kill leaves the previous file or the new one; makes the folder if need be. Throws
 * UndertoneError where that can't be done.
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const beside = `${path}.${Deno.pid}.tmp`;
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

/** Makes the folder if need be. Throws UndertoneError where no file can be made in it. */
export async function requireWritable(folder: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.remove(await Deno.makeTempFile({ dir: folder }));
  } catch (cause) {
    throw unwritable("a folder", folder, cause);
  }
}

/** The sentence for what a disk or its rights refused. */
export const unwritable = (what: string, path: string, cause: unknown) =>
  badInput({
    expected: `${what} that can be written`,
    found: `one that can't (${cause instanceof Error ? cause.message : cause})`,
    at: path,
    todo: "Name another place, or see to its rights and the space on the disk.",
  }, cause);

/** `writeFileAtomic` of a value as indented JSON with a newline at its end. */
export const writeJsonAtomic = (path: string, value: unknown): Promise<void> =>
  writeFileAtomic(path, JSON.stringify(value, null, 2) + "\n");

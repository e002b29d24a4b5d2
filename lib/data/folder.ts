/** Lists the files below a folder. */
import { badInput, UndertoneError } from "../errors.ts";

/** What lies below a folder: paths relative to it, with `/`, sorted. */
export interface Listing {
  files: string[];
  folders: string[];
}

/**
 * Returns the paths of the files in `folder` and up to `depth` folders below it, relative to `folder`, with
 * `/`, sorted. Skips hidden files (also the `._` twins that macOS leaves in archives) and subfolders that
 * can't be read. Throws UndertoneError if `folder` itself can't be read.
 */
export const listFiles = async (folder: string, depth: number): Promise<string[]> =>
  (await listFolder(folder, depth)).files;

/** Does the same for files and folders. The deepest folders are listed too, but not what is in them. */
export async function listFolder(folder: string, depth: number): Promise<Listing> {
  const files: string[] = [], folders: string[] = [];
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch((cause) => {
    throw badInput({
      expected: "a folder",
      found: `one that can't be read (${cause})`,
      at: folder,
      todo: "Check its permissions.",
    }, cause);
  });
  for (const { name, isFile, isDirectory, isSymlink } of entries) {
    if (name.startsWith(".")) continue;
    const path = `${folder}/${name}`;
    const linked = isSymlink ? await Deno.stat(path).catch(() => undefined) : undefined;
    if (isFile || linked?.isFile) files.push(name);
    if (!isDirectory && !linked?.isDirectory) continue;
    folders.push(name);
    if (depth === 0) continue;
    const below = await listFolder(path, depth - 1).catch((error): Listing => {
      if (error instanceof UndertoneError) return { files: [], folders: [] };
      throw error;
    });
    for (const file of below.files) files.push(`${name}/${file}`);
    for (const inner of below.folders) folders.push(`${name}/${inner}`);
  }
  return { files: files.sort(), folders: folders.sort() };
}

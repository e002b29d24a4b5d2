/** Lists the files below a folder. */
import { badInput, UndertoneError } from "../errors.ts";

/**
 * Returns the paths of the files in `folder` and up to `depth` folders below it, relative to `folder`, with
 * `/`, sorted. Skips hidden files (also the `._` twins that macOS leaves in archives) and subfolders that
 * can't be read. Throws UndertoneError if `folder` itself can't be read.
 */
export async function listFiles(folder: string, depth: number): Promise<string[]> {
  const paths: string[] = [];
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
    if (isFile || linked?.isFile) paths.push(name);
    if ((isDirectory || linked?.isDirectory) && depth > 0) {
      const below = await listFiles(path, depth - 1).catch((error) => {
        if (error instanceof UndertoneError) return [];
        throw error;
      });
      for (const file of below) paths.push(`${name}/${file}`);
    }
  }
  return paths.sort();
}

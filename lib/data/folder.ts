/** Files below a folder. */

/**
 * Paths of the files in `folder` and up to `depth` folders below it, relative to it with `/`, sorted; hidden ones (also
 * the `._` twins that macOS leaves in archives) are left out, and so are folders below it that may not be read.
 */
export async function listFiles(folder: string, depth: number): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isFile, isDirectory, isSymlink } of Deno.readDir(folder)) {
    if (name.startsWith(".")) continue;
    const path = `${folder}/${name}`;
    const linked = isSymlink ? await Deno.stat(path).catch(() => undefined) : undefined;
    if (isFile || linked?.isFile) paths.push(name);
    if ((isDirectory || linked?.isDirectory) && depth > 0) {
      const below = await listFiles(path, depth - 1).catch((error) => {
        if (error instanceof Deno.errors.PermissionDenied) return [];
        throw error;
      });
      for (const file of below) paths.push(`${name}/${file}`);
    }
  }
  return paths.sort();
}

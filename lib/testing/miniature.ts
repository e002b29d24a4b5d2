/** Builds the folder of a corpus in small, for tests. */
import { dirname } from "node:path";

/** Writes files, whose folders are made, to a new temporary folder. Returns its path. */
export async function miniature(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await Deno.makeTempDir();
  for (const [path, content] of Object.entries(files)) {
    await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
    if (typeof content === "string") await Deno.writeTextFile(`${folder}/${path}`, content);
    else await Deno.writeFile(`${folder}/${path}`, content);
  }
  return folder;
}

/** Returns clips with these paths, each with other content. */
export const clipsAt = (...paths: string[]): Record<string, string> =>
  Object.fromEntries(paths.map((path) => [path, `clip ${path}`]));

/** Miniatures of corpora: folders that tests build in the layout of a release. */
import { dirname } from "node:path";
import type { Place } from "../source.ts";
import { readSource } from "../find.ts";

/** Makes a temporary folder with these files, and returns its path. */
export async function miniature(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const root = await Deno.makeTempDir();
  for (const [path, content] of Object.entries(files)) {
    await Deno.mkdir(dirname(`${root}/${path}`), { recursive: true });
    if (typeof content === "string") await Deno.writeTextFile(`${root}/${path}`, content);
    else await Deno.writeFile(`${root}/${path}`, content);
  }
  return root;
}

/** Returns the files below another folder. */
export const below = <T>(folder: string, files: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(files).map(([path, content]) => [`${folder}/${path}`, content]));

/** Empty clips. */
export const clips = (...paths: string[]): Record<string, string> =>
  Object.fromEntries(paths.map((path) => [path, ""]));

/** Reads the rows of a path as the loader does, before they are checked. */
export const candidatesOf = (
  path: string,
  wanted: Partial<Pick<Place, "labelled" | "audio" | "target">> = {},
) => readSource(path, { labelled: true, audio: true, ...wanted });

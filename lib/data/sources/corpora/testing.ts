/** What the tests of corpora with tables share. */
import { readSource } from "../find.ts";
import type { Place } from "../source.ts";

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

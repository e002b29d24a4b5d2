/** A folder of .npy files as a store: a file's path without its ending is its key. */
import { join } from "node:path";
import { listFiles } from "../../data/mod.ts";
import { badInput, UndertoneError } from "../../errors.ts";
import { openRanges, requireFetched } from "../../files/mod.ts";
import { MOST_HEADER, NpyFault, npyHeader } from "./npy.ts";
import { floatsIn, type Store, type StoredArray } from "./store.ts";

/** Folders below the folder that are looked into. */
const DEPTH = 3;
const ENDING = /\.npy$/i;

/**
 * Opens the folder and reads the header of each file. Throws UndertoneError that names a file it can't read.
 */
export async function npyFolder(folder: string): Promise<Store> {
  const names = (await listFiles(folder, DEPTH)).filter((name) => ENDING.test(name));
  const arrays: StoredArray[] = [], places = new Map<string, string>();
  for (const name of names) {
    const key = name.replace(ENDING, ""), path = join(folder, name);
    arrays.push({ key, ...await headerOf(path) });
    places.set(key, path);
  }
  return {
    arrays,
    files: [...places.values()],
    open: () => Promise.resolve({ values: (key) => valuesOf(places.get(key)!), [Symbol.dispose]() {} }),
  };
}

async function headerOf(path: string) {
  try {
    await requireFetched(path);
    using file = await openRanges(path);
    return npyHeader(await file.read(0, MOST_HEADER));
  } catch (error) {
    if (error instanceof UndertoneError) throw error;
    throw badInput({
      expected: "an array of float16, float32 or float64",
      found: error instanceof NpyFault ? error.message : `an unreadable file (${error})`,
      at: path,
      todo: "Save it with numpy.save(path, states.astype('float32')), or take the file out of the folder.",
    }, error);
  }
}

async function valuesOf(path: string): Promise<Float32Array> {
  using file = await openRanges(path);
  const header = npyHeader(await file.read(0, MOST_HEADER));
  return floatsIn(await file.read(header.start, file.size - header.start), header);
}

/** An .npz file as a store: a zip archive of .npy files, stored or deflated. */
import { badInput } from "../../errors.ts";
import {
  openRanges,
  type Ranges,
  readEntry,
  requireFetched,
  startOfEntry,
  zipEntries,
  type ZipEntry,
  ZipFault,
} from "../../files/mod.ts";
import { MOST_HEADER, NpyFault, type NpyHeader, npyHeader } from "./npy.ts";
import { floatsIn, sizeOf, type Store } from "./store.ts";
import { widthOf } from "../../files/mod.ts";

/** Opens the file and reads the header of each array. Throws UndertoneError if it is damaged. */
export async function npzFile(path: string): Promise<Store> {
  await requireFetched(path);
  using file = await openRanges(path);
  const entries = new Map<string, { entry: ZipEntry; header: NpyHeader }>();
  try {
    for (const [name, entry] of await zipEntries(file, { deflated: true })) {
      const key = name.replace(/\.npy$/, "");
      if (entries.has(key)) throw new ZipFault(`the array '${key.slice(0, 100)}' twice`);
      entries.set(key, { entry, header: await headerOf(file, entry) });
    }
  } catch (error) {
    if (!(error instanceof ZipFault)) throw error;
    throw damaged(error.message, path, error);
  }
  return {
    arrays: [...entries].map(([key, { header: { dtype, shape } }]) => ({ key, dtype, shape })),
    files: [path],
    async open() {
      const file = await openRanges(path);
      return {
        async values(key) {
          const { entry, header } = entries.get(key)!;
          return floatsIn((await readEntry(file, entry)).subarray(header.start), header);
        },
        [Symbol.dispose]: () => file[Symbol.dispose](),
      };
    },
  };

  async function headerOf(file: Ranges, entry: ZipEntry): Promise<NpyHeader> {
    try {
      const header = npyHeader(await startOfEntry(file, entry, MOST_HEADER));
      const size = header.start + sizeOf(header.shape) * widthOf(header.dtype)!;
      if (size !== entry.size) throw new NpyFault(`${entry.size} bytes for an array of ${size}`);
      return header;
    } catch (error) {
      if (!(error instanceof NpyFault)) throw error;
      throw damaged(error.message, `${path}, '${entry.name.slice(0, 100)}'`, error);
    }
  }
}

const damaged = (found: string, at: string, cause: unknown) =>
  badInput({
    expected: "arrays of float16, float32 or float64, as numpy.savez writes them",
    found,
    at,
    todo: "Write the file again: numpy.savez(path, **{id: states.astype('float32')}).",
  }, cause);

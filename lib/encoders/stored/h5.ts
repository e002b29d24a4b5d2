/** An HDF5 file as a store, read by h5wasm: a dataset's path is its key. */
import { badInput, UndertoneError } from "../../errors.ts";
import { requireFetched } from "../../files/mod.ts";
import { floatsIn, type Store, type StoredArray } from "./store.ts";

/** Groups in groups, and datasets, that are looked at. A group can contain itself. */
const DEPTH = 8, MOST_DATASETS = 2_000_000;
/** The class of floats in HDF5. */
const FLOAT = 1;
const TYPES = new Map([[2, "F16"], [4, "F32"], [8, "F64"]]);

/** Opens the file and reads the shape of each dataset. Throws UndertoneError if it is damaged. */
export async function h5File(path: string): Promise<Store> {
  await requireFetched(path);
  const { h5Library } = await import("./h5_library.ts"), { File, Dataset, Group, module } = await h5Library();
  const opened = () => {
    try {
      const file = new File(path, "r");
      file.keys(); // throws for another file
      return file;
    } catch (cause) {
      throw damaged("one that can't be opened", path, cause);
    }
  };
  const arrays: StoredArray[] = [], file = opened();
  type Parent = typeof file | InstanceType<typeof Group>;
  const collect = (parent: Parent, before: string, depth: number) => {
    for (const name of parent.keys()) {
      const key = before + name, found = parent.get(name);
      if (found instanceof Group) {
        if (depth === 0) {
          throw damaged(`more than ${DEPTH} groups in each other`, `${path}, '${key.slice(0, 200)}'`);
        }
        collect(found, `${key}/`, depth - 1);
      } else if (found instanceof Dataset) {
        const { type, size, littleEndian, shape } = found.metadata;
        const dtype = type === FLOAT && littleEndian ? TYPES.get(size) : undefined;
        if (!dtype || !shape) throw damaged("a dataset of another type", `${path}, '${key.slice(0, 200)}'`);
        arrays.push({ key, dtype, shape: [...shape] });
        if (arrays.length > MOST_DATASETS) throw damaged(`more than ${MOST_DATASETS} datasets`, path);
      } else throw damaged("a link that leads nowhere or to another file", `${path}, '${key.slice(0, 200)}'`);
    }
  };
  try {
    collect(file, "", DEPTH);
  } catch (error) {
    throw error instanceof UndertoneError ? error : damaged("a damaged one", path, error);
  } finally {
    file.close();
  }
  const byKey = new Map(arrays.map((array) => [array.key, array]));
  return {
    arrays,
    files: [path],
    open() {
      const file = opened();
      return Promise.resolve({
        values(key: string) {
          const array = byKey.get(key)!,
            { metadata: { size, total_size } } = file.get(key) as InstanceType<typeof Dataset>;
          // The library's own getter knows no float16, so the bytes are read.
          const length = size * total_size, place = module._malloc(length);
          if (!place) throw new Error(`${length} bytes, for which there is no memory`);
          try {
            const status = module.get_dataset_data(file.file_id, `/${key}`, null, null, null, BigInt(place));
            if (status < 0) throw new Error("a status below 0");
            return Promise.resolve(floatsIn(module.HEAPU8.slice(place, place + length), array));
          } catch (cause) {
            throw new Error("HDF5 can't read them", { cause });
          } finally {
            module._free(place);
          }
        },
        [Symbol.dispose]: () => void file.close(),
      });
    },
  };
}

const damaged = (found: string, at: string, cause?: unknown) =>
  badInput({
    expected: "an HDF5 file of datasets of little-endian float16, float32 or float64",
    found,
    at,
    todo: "Write the features alone, as float32, into a file of their own.",
  }, cause);

/** Features of other tools as an encoder: hidden states that are found by a row's name and not computed. */
import { createHash } from "node:crypto";
import { badInput, few } from "../../errors.ts";
import { fromProject } from "../../paths.ts";
import type { FrozenEncoder, Modality, Sequence, StoredStates } from "../encoder.ts";
import { type Matches, matchKeys } from "./keys.ts";
import { STORED } from "./name.ts";
import { FLOATS, MOST_VALUES, sizeOf, type Store, type StoredArray } from "./store.ts";

/** Part of the fingerprint: increase it when the same files give other states. */
const VERSION = "features-1";
/** Most widths of a state. */
const WIDEST = 100_000;
/** Examples of keys in a sentence. */
const SHOWN = 3;

/** Opens the files of each ending; each is loaded on first use. */
const FILES: Readonly<Record<string, (path: string) => Promise<Store>>> = {
  npz: async (path) => (await import("./npz.ts")).npzFile(path),
  safetensors: async (path) => (await import("./safetensors.ts")).safetensorsFile(path),
  h5: async (path) => (await import("./h5.ts")).h5File(path),
  hdf5: async (path) => (await import("./h5.ts")).h5File(path),
};

/**
 * Reads the keys and shapes of the features at `path`: a folder of .npy files, or an .npz, .safetensors or
 * .h5 file. Its encoder finds states by row. Throws UndertoneError if the features are damaged, of several
 * widths, or not floats.
 */
export async function storedEncoder<In>(modality: Modality, path: string): Promise<FrozenEncoder<In>> {
  const place = fromProject(path), store = await openStore(place), before = stampOf(store.files);
  const { arrays, prefix, notes } = ofModality(store.arrays, modality, place);
  const width = requireWidth(arrays, place), names = arrays.map(({ key }) => key.slice(prefix.length));
  const shapes = new Map(arrays.map(({ key, shape }) => [key.slice(prefix.length), shape]));
  let matched: { rows: unknown; matches: Matches } | undefined;
  const stored: StoredStates = {
    path,
    find(rows) {
      if (matched?.rows !== rows) matched = { rows, matches: matchKeys(rows, names) };
      return matched.matches;
    },
    notes(rows) {
      const { unused, keys } = stored.find(rows), count = unused.length;
      if (keys.size === 0) return [`No row has features in ${path}, whose keys are such as ${few(names)}.`];
      if (count === 0) return [];
      return [
        `${count} of ${names.length} keys in ${path} belong to no row, e.g. '${unused[0].slice(0, 100)}'.`,
      ];
    },
    async read(keys) {
      if (stampOf(store.files) !== before) {
        throw badInput({
          expected: "features that stay as they were at the start",
          found: "files that changed since",
          at: path,
          todo: "Start again once they are complete.",
        });
      }
      using open = await store.open();
      const sequences: (Sequence | string)[] = [];
      for (const key of keys) {
        const shape = shapes.get(key)!, length = sizeOf(shape) / width;
        const at = `features '${key.slice(0, 100)}' in ${path}`;
        if (length === 0) sequences.push(`no states: the ${at} are empty`);
        else if (sizeOf(shape) > MOST_VALUES) sequences.push(`too many states: the ${at} have ${length}`);
        else {
          try {
            sequences.push({ data: await open.values(prefix + key), length, width });
          } catch (error) {
            const why = error instanceof Error ? error.message : String(error);
            sequences.push(`damaged features: ${at}: ${why}`);
          }
        }
      }
      return sequences;
    },
  };
  return {
    id: `${STORED}:${path}`,
    modality,
    width,
    fingerprint: await contentOf(store.files, names),
    notes: [`Read ${modality} features from ${path}: ${described(arrays)}.`, ...notes],
    stored,
    encode: () => Promise.reject(new Error("stored features are found by rows, and not computed")),
  };
}

async function openStore(path: string): Promise<Store> {
  const { isDirectory } = await Deno.stat(path).catch((cause) => {
    throw badInput({
      expected: "a folder of .npy files, or an .npz, .safetensors or .h5 file of features",
      found: cause instanceof Deno.errors.NotFound ? "nothing" : `a path that can't be read (${cause})`,
      at: path,
      todo: "Check the path.",
    }, cause);
  });
  if (isDirectory) return await (await import("./npy_folder.ts")).npyFolder(path);
  const ending = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  if (Object.hasOwn(FILES, ending)) return await FILES[ending](path);
  throw badInput({
    expected: "a folder of .npy files, or a file that ends in .npz, .safetensors or .h5",
    found: "another file",
    at: path,
    todo: "Save the features in Python: numpy.savez('features.npz', **{id: states for id, states in …}).",
  });
}

/**
 * Returns the arrays of a modality: all of them, or those under `text/` or `audio/` if every key is under one
 * of the two, as `encode --to` writes them.
 */
function ofModality(arrays: readonly StoredArray[], modality: Modality, at: string) {
  const under = (prefix: string) => arrays.filter(({ key }) => key.startsWith(prefix));
  const prefix = `${modality}/`, own = under(prefix), text = under("text/"), audio = under("audio/");
  if (arrays.length === 0 || text.length + audio.length < arrays.length) {
    return { arrays, prefix: "", notes: [] };
  }
  if (own.length === 0) {
    throw badInput({
      expected: `features of ${modality}`,
      found: `keys under ${modality === "text" ? "audio/" : "text/"} alone`,
      at,
      todo: `Name them as those of the other modality, or write keys without the folder.`,
    });
  }
  const others = arrays.length - own.length;
  const note = others === 0
    ? []
    : [`${others} keys in ${at} are those of another modality and were left out.`];
  return { arrays: own, prefix, notes: note };
}

/** Returns the width of all arrays. Throws UndertoneError that names the first two that differ. */
function requireWidth(arrays: readonly StoredArray[], at: string): number {
  const refuse = (expected: string, found: string, todo: string) => {
    throw badInput({ expected, found, at, todo });
  };
  if (arrays.length === 0) refuse("features by the ids of rows", "none", "Check the path.");
  const named = ({ key, shape }: StoredArray) => `'${key.slice(0, 100)}' of shape [${shape}]`;
  const seen = new Set<string>(), twin = arrays.find(({ key }) => seen.size === seen.add(key).size)?.key;
  if (twin !== undefined) {
    refuse("one array for each key", `'${twin.slice(0, 100)}' twice`, "Rename one of them.");
  }
  for (const array of arrays) {
    const { dtype, shape, key } = array, axes = shape.length;
    if (!FLOATS.includes(dtype)) {
      refuse("features of floats", `'${key.slice(0, 100)}' of type ${dtype}`, "Save them as float32.");
    }
    const isStates = axes === 1 || axes === 2 || axes === 3 && shape[0] === 1;
    if (isStates && shape.at(-1)! >= 1 && shape.at(-1)! <= WIDEST) continue;
    refuse(
      "states [L,D] of each row (or [1,L,D], or one state [D])",
      named(array),
      "Save one array for each row: L states of width D.",
    );
  }
  const width = arrays[0].shape.at(-1)!, odd = arrays.find(({ shape }) => shape.at(-1) !== width);
  if (odd) {
    refuse(
      "features of one width",
      `${named(arrays[0])} and ${named(odd)}`,
      "The last axis is the width of a state: save all features by one tool, with L as the first axis.",
    );
  }
  return width;
}

/** Says what the arrays are: "120 rows, F32, [L,768] with L from 3 to 41". */
function described(arrays: readonly StoredArray[]): string {
  const lengths = arrays.map(({ shape }) => sizeOf(shape) / shape.at(-1)!);
  const [least, most] = lengths.reduce(([a, b], l) => [Math.min(a, l), Math.max(b, l)], [Infinity, 0]);
  const types = [...new Set(arrays.map(({ dtype }) => dtype))].join(" and "), width = arrays[0].shape.at(-1);
  const shape = least === most
    ? `${least} of width ${width} each`
    : `${least} to ${most} of width ${width} each`;
  return `${arrays.length} keys, states of ${types}, ${shape}, e.g. ${
    arrays.slice(0, SHOWN).map(({ key }) => `'${key.slice(0, 60)}'`).join(", ")
  }`;
}

/**
 * Returns the fingerprint of the files' content and the keys in them. It does not depend on where they lie.
 */
async function contentOf(files: readonly string[], keys: readonly string[]): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify([VERSION, keys]));
  for (const path of files) {
    using file = await Deno.open(path);
    for await (const chunk of file.readable) hash.update(chunk);
  }
  return hash.digest("hex").slice(0, 16);
}

/** Returns the sizes and times of files, as text. */
function stampOf(files: readonly string[]): string {
  return JSON.stringify(files.map((path) => {
    try {
      const { size, mtime } = Deno.statSync(path);
      return [size, mtime?.getTime()];
    } catch {
      return null;
    }
  }));
}

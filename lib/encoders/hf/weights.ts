/**
 * Reads the tensors of a model from a Hugging Face folder: `model.safetensors` or `pytorch_model.bin`, whole
 * or in shards.
 */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { badInput, few } from "../../errors.ts";
import { requireFinite } from "../../finite.ts";
import { collectable, type RawTensor, readJson, readSafetensors, readTorch } from "../../files/mod.ts";
import { parseFacts } from "../../schema.ts";
import type { Weights } from "../encoder.ts";
import { isOfHead, plainName, roomOf } from "./weight_names.ts";

/** Shape of every parameter by name. */
export type Shapes = Record<string, number[]>;

/** Shapes of the linear layer `name`. */
export const linearShapes = (name: string, inputs: number, outputs: number): Shapes => ({
  [`${name}.weight`]: [outputs, inputs],
  [`${name}.bias`]: [outputs],
});

/** Shapes of the layer norm `name`. */
export const normShapes = (name: string, width: number): Shapes => ({
  [`${name}.weight`]: [width],
  [`${name}.bias`]: [width],
});

/** Files of weights: safetensors are preferred. */
const WHOLE = ["model.safetensors", "pytorch_model.bin"];
const INDEX = WHOLE.map((name) => `${name}.index.json`);

/** Whether a folder has weights of its own. */
export const hasWeights = (folder: string): boolean =>
  [...WHOLE, ...INDEX].some((name) => existsSync(join(folder, name)));

const shardIndex = z.object({
  weight_map: z.record(
    z.string(),
    z.string().refine((name) => basename(name) === name, "the name of a file beside the index"),
  ),
});

/**
 * Reads the tensors named in `shapes`, float32. Names may have `prefix` or a wrapper's prefix before them, or
 * an old spelling. Tensors of another task's head are left out. Tensors in `optional` are 0 if they are
 * missing. Adds whatever was unusual to `notes`.
 *
 * Throws UndertoneError for a missing tensor, a wrong shape, a value that is not finite, and an unexpected
 * tensor of the encoder itself: then weights and config.json belong to different models.
 */
export async function readWeights(
  folder: string,
  prefix: string,
  shapes: Readonly<Shapes>,
  optional: readonly string[] = [],
  notes: string[] = [],
): Promise<Weights> {
  const { found, names, behind } = await namedTensors(folder, prefix, shapes);
  const fail = (what: string) =>
    badInput({
      expected: `weights of ${Object.keys(shapes).length} names and shapes that config.json describes`,
      found: what,
      at: folder,
      todo: "Weights and config.json must come from one model: fetch both again.",
    });
  const rooms = new Set(Object.keys(shapes).map(roomOf));
  const unexpected = [...found.keys()].filter((name) =>
    !shapes[name] && rooms.has(roomOf(name)) && !name.endsWith(".position_ids") // a constant in old files
  );
  const missing = Object.keys(shapes).filter((name) => !found.has(name) && !optional.includes(name));
  if (missing.length === Object.keys(shapes).length) throw foreign(names, missing, folder);
  if (missing.length) throw fail(`no ${few(missing)}${unexpected.length ? ` (but ${few(unexpected)})` : ""}`);
  if (unexpected.length) throw fail(few(unexpected));
  const tensors: Weights = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const tensor = found.get(name);
    if (!tensor) continue;
    if (`${tensor.shape}` !== `${shape}`) throw fail(`'${name}' of shape [${tensor.shape}], not [${shape}]`);
    if (!(tensor.data instanceof Float32Array)) throw fail(`'${name}' of integers`);
    tensors[name] = tensor;
  }
  // Only now, when the file's tensors have confirmed the sizes.
  for (const name of optional) if (shapes[name]) tensors[name] ??= zeros(shapes[name]);
  if (behind.length) {
    notes.push(
      `Names of weights in ${folder} have the prefix ${behind.join(" and ")}; they are read without it.`,
    );
  }
  const unknown = [...found.keys()].filter((name) => !rooms.has(roomOf(name)) && !isOfHead(name));
  if (unknown.length) {
    notes.push(`These weights in ${folder} are not the encoder's and were left out: ${few(unknown)}.`);
  }
  requireFinite(tensors, folder);
  return tensors;
}

/**
 * Returns the folder's tensors by plain name, their original names, and the wrapper prefixes that were
 * removed.
 */
async function namedTensors(folder: string, prefix: string, shapes: Readonly<Shapes>) {
  const found = new Map<string, RawTensor>(), origins = new Map<string, string>(), behind = new Set<string>();
  for (const path of await weightFiles(folder)) {
    for (const [name, tensor] of Object.entries(await tensorsOf(path))) {
      const { plain, behind: wrappers } = plainName(name, prefix), twin = origins.get(plain);
      if (Object.hasOwn(shapes, plain)) {
        if (twin !== undefined) throw twice(plain, few([twin, name]), path);
        wrappers.forEach((wrapper) => behind.add(wrapper));
      }
      found.set(plain, tensor);
      origins.set(plain, name);
    }
  }
  return { found, names: [...origins.values()], behind: [...behind] };
}

const twice = (plain: string, names: string, at: string) =>
  badInput({
    expected: `one tensor for ${plain}`,
    found: names,
    at,
    todo: "Save only the encoder you want, with its save_pretrained(folder) in Python.",
  });

const foreign = (names: readonly string[], wanted: readonly string[], at: string) =>
  badInput({
    expected: `weights named ${few(wanted)}`,
    found: names.length ? few(names) : "none",
    at,
    todo:
      "They belong to another architecture, or to an encoder inside another model: save the encoder itself with " +
      "its save_pretrained(folder) in Python.",
  });

/** Reads a file of either kind by its ending: other names in an index are safetensors. */
const tensorsOf = async (path: string): Promise<Record<string, RawTensor>> =>
  path.endsWith(".bin")
    ? (await readTorch(path)).tensors
    : collectable(path, (await readSafetensors(path)).tensors);

async function weightFiles(folder: string): Promise<string[]> {
  for (const [i, name] of WHOLE.entries()) {
    if (existsSync(join(folder, name))) return [join(folder, name)];
    const index = join(folder, INDEX[i]);
    if (!existsSync(index)) continue;
    const { weight_map } = parseFacts(shardIndex, await readJson(index), index);
    return [...new Set(Object.values(weight_map))].sort().map((name) => join(folder, name));
  }
  throw badInput({
    expected: `${WHOLE.join(" or ")}, or the index of its shards`,
    found: "neither",
    at: folder,
    todo: "Save the model's weights there with its save_pretrained(folder) in Python.",
  });
}

const zeros = (shape: number[]): RawTensor => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});

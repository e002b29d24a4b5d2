/** `model.safetensors` of a Hugging Face folder, whole or in shards, as the tensors that a model asks for. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { Params } from "../../nn/mod.ts";
import { badInput } from "../../errors.ts";
import { readJson } from "../../files/json.ts";
import { type RawTensor, readSafetensors } from "../../files/safetensors.ts";
import { parseWith } from "../../schema.ts";

/** Weights by name, as plain numbers. */
export type Weights = Record<string, RawTensor>;

/** Shape of every parameter by name. */
export type Shapes = Record<string, number[]>;

/** Those of the linear layer `name`. */
export const linearShapes = (name: string, inputs: number, outputs: number): Shapes => ({
  [`${name}.weight`]: [outputs, inputs],
  [`${name}.bias`]: [outputs],
});

/** Those of the layer norm `name`. */
export const normShapes = (name: string, width: number): Shapes => ({
  [`${name}.weight`]: [width],
  [`${name}.bias`]: [width],
});

const WHOLE = "model.safetensors";
const INDEX = "model.safetensors.index.json";

const shardIndex = z.object({
  weight_map: z.record(
    z.string(),
    z.string().refine((name) => basename(name) === name, "the name of a file beside the index"),
  ),
});

/**
 * The tensors named in `shapes`, float32. Names may stand after `prefix`, and those of norms may be old ones. What else is
 * in the file belongs to a head of another task and is left out, but for names of the encoder itself: weights and
 * config.json then are not of one model. Throws UndertoneError for these, and for mis-shaped or missing ones; those of
 * `optional` are 0 where they are missing.
 */
export async function readWeights(
  folder: string,
  prefix: string,
  shapes: Readonly<Shapes>,
  optional: readonly string[] = [],
): Promise<Weights> {
  const found: Weights = {};
  for (const path of await weightFiles(folder)) {
    const { tensors } = await readSafetensors(path);
    for (const name in tensors) found[plainName(name, prefix)] = tensors[name];
  }
  const fail = (what: string) =>
    badInput({
      expected: `weights of ${Object.keys(shapes).length} names and shapes that config.json tells`,
      found: what,
      at: folder,
      todo: "Weights and config.json must come from one model: fetch both again.",
    });
  for (const name of optional) if (shapes[name]) found[name] ??= zeros(shapes[name]);
  const missing = Object.keys(shapes).filter((name) => !found[name]);
  if (missing.length) throw fail(`no ${few(missing)}`);
  const rooms = new Set(Object.keys(shapes).map(roomOf));
  const unexpected = Object.keys(found).filter((name) =>
    !shapes[name] && rooms.has(roomOf(name)) && !name.endsWith(".position_ids") // a constant in old files
  );
  if (unexpected.length) throw fail(few(unexpected));
  const tensors: Weights = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const tensor = found[name];
    if (`${tensor.shape}` !== `${shape}`) throw fail(`'${name}' of shape [${tensor.shape}], not [${shape}]`);
    if (!(tensor.data instanceof Float32Array)) throw fail(`'${name}' of integers`);
    tensors[name] = tensor;
  }
  return tensors;
}

/** Weights as parameters on the engine in use; on engines in host memory not a number is copied. */
export function paramsFrom(weights: Weights): Params {
  const params: Params = {};
  for (const [name, { data, shape }] of Object.entries(weights)) {
    params[name] = tf.tidy(() => tf.variable(tf.tensor(data, shape)));
  }
  return params;
}

async function weightFiles(folder: string): Promise<string[]> {
  if (existsSync(join(folder, WHOLE))) return [join(folder, WHOLE)];
  const index = join(folder, INDEX);
  if (!existsSync(index)) {
    throw badInput({
      expected: `${WHOLE} or ${INDEX}`,
      found: "neither",
      at: folder,
      todo: "Weights of another format must be saved as safetensors first.",
    });
  }
  const { weight_map } = parseWith(shardIndex, await readJson(index), index);
  return [...new Set(Object.values(weight_map))].sort().map((name) => join(folder, name));
}

const plainName = (name: string, prefix: string): string =>
  (name.startsWith(prefix) ? name.slice(prefix.length) : name)
    .replace(/LayerNorm\.gamma$/, "LayerNorm.weight")
    .replace(/LayerNorm\.beta$/, "LayerNorm.bias")
    .replace(/\.weight_g$/, ".parametrizations.weight.original0")
    .replace(/\.weight_v$/, ".parametrizations.weight.original1");

const zeros = (shape: number[]): RawTensor => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});

/** `encoder` of `encoder.layer.0.output.dense.bias`. */
const roomOf = (name: string) => name.split(".")[0];

const few = (names: readonly string[]): string =>
  names.slice(0, 3).map((name) => `'${name}'`).join(", ") +
  (names.length > 3 ? ` and ${names.length - 3} more` : "");

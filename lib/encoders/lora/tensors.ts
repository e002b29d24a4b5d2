/** Assigns each tensor of an adapter to a weight of the model, or refuses it. */
import { badInput, type UndertoneError } from "../../errors.ts";
import type { RawTensor } from "../../files/mod.ts";
import type { Weights } from "../encoder.ts";
import { unsupported } from "./config.ts";

export type { Weights };

/** The file of an adapter's tensors. */
export const WEIGHTS = "adapter_model.safetensors";

/** peft's prefix before the names of the model's parameters. */
export const PREFIX = "base_model.model.";

/** peft's names of the parts of a change, after the layer's name. */
const PARTS: Record<string, keyof Change> = {
  "lora_A.weight": "down",
  "lora_B.weight": "up",
  "lora_B.bias": "bias",
  "lora_embedding_A": "down",
  "lora_embedding_B": "up",
  "lora_magnitude_vector": "magnitude",
  "lora_magnitude_vector.weight": "magnitude",
};

/** The change of one layer: `A [r,in]` and `B [out,r]`. For an embedding, `in` is its number of rows. */
export interface Change {
  down?: RawTensor;
  up?: RawTensor;
  bias?: RawTensor;
  magnitude?: RawTensor;
}

export interface Placed {
  /** The prefix of the model's names in the adapter: `bert.` if a task's head was above the model. */
  prefix: string;
  /** Changes by the layer's name in the model. */
  changes: Map<string, Change>;
  /** Weights of the model that were saved whole. */
  saved: Weights;
  /** Modules above the model that also have tensors in the adapter. */
  above: string[];
}

/**
 * Assigns `tensors` (names without peft's prefix) to `weights`. Names may have the prefix of an enclosing
 * model. Throws UndertoneError if a tensor fits no weight; `at` is the adapter's folder.
 */
export function placed(tensors: Weights, weights: Weights, at: string): Placed {
  const found: Placed = { prefix: "", changes: new Map(), saved: {}, above: [] };
  const rooms = new Set(Object.keys(weights).map((name) => name.split(".")[0]));
  const prefixes = new Set<string>(), above = new Set<string>();
  for (const [name, tensor] of Object.entries(tensors)) {
    if (isFormer(name, tensors)) continue;
    const { layer, part } = parse(name, at);
    const weight = part === undefined ? layer : `${layer}.weight`, place = placeOf(weight, weights);
    if (!place) {
      if (layer.split(".").some((step) => rooms.has(step))) throw misfit(name, tensor, at);
      above.add(layer);
      continue;
    }
    prefixes.add(weight.slice(0, -place.length));
    if (prefixes.size > 1) throw ofSeveral(prefixes, at);
    if (!(tensor.data instanceof Float32Array)) throw misfit(name, tensor, at);
    if (part === undefined) {
      if (found.saved[place]) throw misfit(name, tensor, at);
      found.saved[place] = tensor;
    } else {
      const key = place.slice(0, -".weight".length), change = found.changes.get(key) ?? {};
      requireKind(name, weights[place], key, weights, at);
      if (change[part]) throw misfit(name, tensor, at);
      found.changes.set(key, { ...change, [part]: tensor });
    }
  }
  if (prefixes.size === 0) {
    const [name, tensor] = Object.entries(tensors)[0] ?? ["nothing", { shape: [] }];
    throw misfit(name, tensor, at);
  }
  const [prefix] = prefixes;
  return { ...found, prefix, above: modulesOf(above, prefix) };
}

/**
 * Splits a tensor's name into layer and part. Without a part, the tensor is a weight that was saved whole.
 */
function parse(name: string, at: string): { layer: string; part?: keyof Change } {
  const [, layer, rest] = name.match(/^(.*?)\.(lora_.*)$/) ?? [];
  if (rest === undefined) return { layer: name.replace(/\.(base_layer|modules_to_save)(?=\.)/g, "") };
  const part = PARTS[rest];
  if (!part) throw unsupported(`tensor '${name}'`, at);
  return { layer: layer.replace(/\.base_layer$/, ""), part };
}

/**
 * Whether a tensor is one that peft saves but ignores on reading: with `bias: all` it also saves a saved
 * module's original weights, and its bias twice.
 */
const isFormer = (name: string, tensors: Weights): boolean =>
  name.includes(".original_module.") ||
  (name.includes(".modules_to_save.") && name.replace(".modules_to_save", "") in tensors);

/** Returns the weight that a name means: the longest that it ends in. */
const placeOf = (name: string, weights: Weights): string | undefined =>
  Object.keys(weights).filter((weight) => `.${name}`.endsWith(`.${weight}`))
    .sort((a, b) => b.length - a.length)[0];

/**
 * Whether a layer is linear; other matrices are embeddings. A linear layer has a bias, except Whisper's
 * projection of keys.
 */
export const isLinear = (layer: string, weights: Readonly<Record<string, { shape: number[] }>>): boolean =>
  weights[`${layer}.weight`]?.shape.length === 2 &&
  (weights[`${layer}.bias`] !== undefined || layer.endsWith(".k_proj"));

/** Returns the names of the layers that can be changed. */
export const layersOf = (weights: Weights): string[] =>
  Object.keys(weights).filter((name) => name.endsWith(".weight") && weights[name].shape.length === 2)
    .map((name) => name.slice(0, -".weight".length));

function requireKind(name: string, { shape }: RawTensor, layer: string, weights: Weights, at: string): void {
  if (shape.length !== 2) {
    throw unsupported(`'${name}', a change of a layer that is neither linear nor an embedding`, at);
  }
  const forEmbedding = name.includes(".lora_embedding_");
  if (name.includes(".lora_magnitude_vector") || forEmbedding !== isLinear(layer, weights)) return;
  throw unsupported(`'${name}' for ${forEmbedding ? "a linear layer" : "an embedding"}`, at);
}

/** Returns the modules of these layers. */
function modulesOf(layers: Iterable<string>, prefix: string): string[] {
  const first = (name: string) =>
    (prefix && name.startsWith(prefix) ? name.slice(prefix.length) : name).split(".")[0];
  return [...new Set([...layers].map(first))].sort();
}

const ofSeveral = (prefixes: Iterable<string>, at: string): UndertoneError =>
  badInput({
    expected: "an adapter of one model",
    found: `changes with the prefixes ${[...prefixes].map((name) => `'${name}'`).join(" and ")}`,
    at,
    todo: "Save a separate adapter for each model.",
  });

/** The error for a tensor that fits no weight of the model. */
export const misfit = (
  name: string,
  { shape }: Pick<RawTensor, "shape">,
  at: string,
  wanted?: readonly number[],
): UndertoneError =>
  badInput({
    expected: "changes of layers of the model that the adapter names",
    found: `'${name}' of shape [${shape}]${wanted ? `, not [${wanted}]` : ""}`,
    at,
    todo: "Check base_model_name_or_path in adapter_config.json.",
  });

/** Which hidden states of a model are meant: the last, unless the name says otherwise. */
import { badInput } from "../../errors.ts";

/** The number of a hidden state, or all of them in a weighted sum. */
export type Layer = number | "all";

/** `folder#layer` in parts; without a number or `all` the whole is the folder. */
export function parseName(name: string): { folder: string; layer?: Layer } {
  const [, folder, layer] = name.match(/^(.*?)(?:#(\d+|all))?$/)!;
  return { folder, layer: layer === undefined || layer === "all" ? layer : Number(layer) };
}

/** The encoder's id, as it is asked for. */
export const idOf = (folder: string, layer?: Layer): string =>
  layer === undefined ? `hf:${folder}` : `hf:${folder}#${layer}`;

/** The folder that an id names. */
export const folderOf = (id: string): string => parseName(id.replace(/^hf:/, "")).folder;

/** The hidden states that an encoder's id asks for, of a model with `count` layers. Throws UndertoneError; see `requireLayer`. */
export function layerOf(id: string, count: number, at: string): Layer {
  const { layer } = parseName(id);
  return layer === "all" ? layer : requireLayer(layer, count, at);
}

/** `layer`, or the last of `count`. Throws UndertoneError where the model in the folder `at` has none such. */
export function requireLayer(layer: number | undefined, count: number, at: string): number {
  if (layer === undefined) return count;
  if (Number.isInteger(layer) && layer >= 0 && layer <= count) return layer;
  throw badInput({
    expected: `hidden states 0 (embeddings) to ${count} (last layer)`,
    found: String(layer),
    at,
    todo: "Choose one of these, leave it out for the last, or say 'all'.",
  });
}

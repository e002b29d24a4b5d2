/** Selects hidden states of a model: those of the last layer unless the name says otherwise. */
import { badInput } from "../../errors.ts";

/** The number of a layer's hidden states, or `all` for a weighted sum of all layers. */
export type Layer = number | "all";

/**
 * Splits `folder#layer#q8`; both choices may be absent. Without a number or `all` after `#`, the whole name
 * is the folder. Throws UndertoneError for `folder#q8#layer`.
 */
export function parseName(name: string): { folder: string; layer?: Layer; eightBit: boolean } {
  const [, folder, layer, q8] = name.match(/^(.*?)(?:#(\d+|all))?(#q8)?$/)!;
  if (layer !== undefined && folder.endsWith("#q8")) {
    const before = folder.slice(0, -"#q8".length);
    throw badInput({
      expected: "the layer before '#q8'",
      found: `'${name}'`,
      at: "the name of the encoder",
      todo: `Write '${before}#${layer}#q8'.`,
    });
  }
  return {
    folder,
    layer: layer === undefined || layer === "all" ? layer : Number(layer),
    eightBit: q8 !== undefined,
  };
}

/** Returns the id of an encoder. */
export const idOf = (folder: string, layer?: Layer): string =>
  layer === undefined ? `hf:${folder}` : `hf:${folder}#${layer}`;

/** Returns the folder in an id. */
export const folderOf = (id: string): string => parseName(id.replace(/^hf:/, "")).folder;

/**
 * Returns the layer that an encoder's id selects, for a model with `count` layers. Throws UndertoneError; see
 * `requireLayer`.
 */
export function layerOf(id: string, count: number, at: string): Layer {
  const { layer } = parseName(id);
  return layer === "all" ? layer : requireLayer(layer, count, at);
}

/**
 * Returns `layer`, by default the last of `count`. Throws UndertoneError if the model in the folder `at` has
 * no such layer.
 */
export function requireLayer(layer: number | undefined, count: number, at: string): number {
  if (layer === undefined) return count;
  if (Number.isInteger(layer) && layer >= 0 && layer <= count) return layer;
  throw badInput({
    expected: `hidden states 0 (embeddings) to ${count} (last layer)`,
    found: String(layer),
    at,
    todo: "Choose one of these, leave it out for the last layer, or write 'all'.",
  });
}

/** Which hidden state of a model is meant: the last, unless a number says otherwise. */
import { badInput } from "../../errors.ts";

/** `folder#layer` in parts; without a number the whole is the folder. */
export function parseName(name: string): { folder: string; layer?: number } {
  const [, folder, layer] = name.match(/^(.*?)(?:#(\d+))?$/)!;
  return { folder, layer: layer === undefined ? undefined : Number(layer) };
}

/** The encoder's id, as it is asked for. */
export const idOf = (folder: string, layer?: number): string =>
  layer === undefined ? `hf:${folder}` : `hf:${folder}#${layer}`;

/** `layer`, or the last of `count`. Throws UndertoneError where the model in the folder `at` has none such. */
export function requireLayer(layer: number | undefined, count: number, at: string): number {
  if (layer === undefined) return count;
  if (Number.isInteger(layer) && layer >= 0 && layer <= count) return layer;
  throw badInput({
    expected: `hidden states 0 (embeddings) to ${count} (last layer)`,
    found: String(layer),
    at,
    todo: "Choose one of these, or leave it out for the last.",
  });
}

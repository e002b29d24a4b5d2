/** Encoders that are part of a model. */
import type { Params } from "../compute/mod.ts";
import { type InnerEncoder, type LoraOptions, type Modality, withLora } from "../encoders/mod.ts";

export const MODALITIES: readonly Modality[] = ["text", "audio"];

/** Encoders inside a model, by modality. */
export type InnerEncoders = Partial<Record<Modality, InnerEncoder>>;

/** Their parameters, as the model names them. */
export const paramsOf = (inner: InnerEncoders): Params =>
  Object.fromEntries(
    MODALITIES.flatMap((modality) =>
      Object.entries(inner[modality]?.params ?? {}).map((
        [name, variable],
      ) => [`${modality}.${name}`, variable])
    ),
  );

/** The encoders with fresh low-rank changes, where such are wanted. Throws UndertoneError; see `withLora`. */
export function adapted(
  inner: InnerEncoders,
  { lora, seed }: { lora?: LoraOptions; seed: number },
): InnerEncoders {
  if (!lora) return inner;
  const changed: InnerEncoders = {};
  for (const modality of MODALITIES) {
    const encoder = inner[modality];
    if (encoder) changed[modality] = withLora(encoder, lora, seed);
  }
  return changed;
}

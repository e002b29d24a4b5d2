/** Encoders that are part of a model. */
import type { Params } from "../nn/mod.ts";
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

/**
 * The encoders as the configuration wants them: with fresh low-rank changes, with layers that are computed again for their
 * gradients. Throws UndertoneError; see `withLora`.
 */
export function adapted(
  inner: InnerEncoders,
  { lora, checkpointing, seed }: { lora?: LoraOptions; checkpointing: boolean; seed: number },
): InnerEncoders {
  const changed: InnerEncoders = {};
  for (const modality of MODALITIES) {
    const encoder = inner[modality];
    if (!encoder) continue;
    const whole = lora ? withLora(encoder, lora, seed) : encoder;
    changed[modality] = checkpointing ? recomputing(whole) : whole;
  }
  return changed;
}

const recomputing = (encoder: InnerEncoder): InnerEncoder => ({
  ...encoder,
  apply: (params, inputs, context) =>
    encoder.apply(params, inputs, { ...context, recompute: context.training }),
});

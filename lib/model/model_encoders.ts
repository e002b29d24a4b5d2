/** Encoders that are part of a model. */
import type { Params } from "../nn/mod.ts";
import { type LoraOptions, type Modality, type ModelEncoder, withLora } from "../encoders/mod.ts";

export const MODALITIES: readonly Modality[] = ["text", "audio"];

/** Encoders inside a model, by modality. */
export type ModelEncoders = Partial<Record<Modality, ModelEncoder>>;

/** Their parameters, as the model names them. */
export const paramsOf = (modelEncoders: ModelEncoders): Params =>
  Object.fromEntries(
    MODALITIES.flatMap((modality) =>
      Object.entries(modelEncoders[modality]?.params ?? {}).map((
        [name, variable],
      ) => [`${modality}.${name}`, variable])
    ),
  );

/**
 * The encoders as the configuration wants them: with fresh low-rank changes, with layers that are computed again for their
 * gradients. Throws UndertoneError; see `withLora`.
 */
export function adapted(
  modelEncoders: ModelEncoders,
  { lora, checkpointing, seed }: { lora?: LoraOptions; checkpointing: boolean; seed: number },
): ModelEncoders {
  const changed: ModelEncoders = {};
  for (const modality of MODALITIES) {
    const encoder = modelEncoders[modality];
    if (!encoder) continue;
    const whole = lora ? withLora(encoder, lora, seed) : encoder;
    changed[modality] = checkpointing ? withGradientCheckpointing(whole) : whole;
  }
  return changed;
}

const withGradientCheckpointing = (encoder: ModelEncoder): ModelEncoder => ({
  ...encoder,
  apply: (params, inputs, context) =>
    encoder.apply(params, inputs, { ...context, gradientCheckpointing: context.training }),
});

/** Encoders that are part of a model. */
import type { Params } from "../nn/mod.ts";
import { type LoraOptions, type Modality, type ModelEncoder, withLora } from "../encoders/mod.ts";

export const MODALITIES: readonly Modality[] = ["text", "audio"];

/** The encoders that are part of a model, by modality. */
export type ModelEncoders = Partial<Record<Modality, ModelEncoder>>;

/** Returns the parameters of the encoders under their names in the model, e.g. `text.<name>`. */
export const paramsOf = (modelEncoders: ModelEncoders): Params =>
  Object.fromEntries(
    MODALITIES.flatMap((modality) =>
      Object.entries(modelEncoders[modality]?.params ?? {}).map((
        [name, variable],
      ) => [`${modality}.${name}`, variable])
    ),
  );

/**
 * Adds new LoRA matrices and gradient checkpointing to the
 * encoders, as configured. Throws UndertoneError; see `withLora`.
 */
export function adapted(
  modelEncoders: ModelEncoders,
  { lora, gradient_checkpointing, seed }: {
    lora?: LoraOptions;
    gradient_checkpointing: boolean;
    seed: number;
  },
): ModelEncoders {
  const changed: ModelEncoders = {};
  for (const modality of MODALITIES) {
    const encoder = modelEncoders[modality];
    if (!encoder) continue;
    const whole = lora ? withLora(encoder, lora, seed) : encoder;
    changed[modality] = gradient_checkpointing ? withGradientCheckpointing(whole) : whole;
  }
  return changed;
}

const withGradientCheckpointing = (encoder: ModelEncoder): ModelEncoder => ({
  ...encoder,
  apply: (params, inputs, context) =>
    encoder.apply(params, inputs, { ...context, gradientCheckpointing: context.training }),
});

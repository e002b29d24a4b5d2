/** Builds a speech model from its configuration: samples in, hidden states out. */
import { dropout, linearLayer, normLayer } from "../../../nn/mod.ts";
import type { Weights } from "../../encoder.ts";
import type { Model } from "../model.ts";
import { readWeights, type Shapes } from "../weights.ts";
import type { SpeechArchitecture } from "./config.ts";
import { convolutions, convolutionShapes } from "./convolutions.ts";
import { MASKED, specAugment } from "./spec_augment.ts";
import { encoderShapes, speechTransformer } from "./transformer.ts";
import type { FrameInputs, SpeechInputs } from "./waveform.ts";

/** A speech model without its preprocessing. */
export type SpeechModel = SpeechArchitecture & Model<SpeechInputs | FrameInputs>;

/** Returns the shape of every parameter by name. */
export function speechShapes({ family, config }: SpeechArchitecture): Shapes {
  const { hidden_size: width, conv_dim } = config, frame = conv_dim.at(-1)!;
  return {
    // The reference has this parameter only if training masks anything.
    ...(config.mask_time_prob > 0 || config.mask_feature_prob > 0 ? { [MASKED]: [width] } : {}),
    ...convolutionShapes(config),
    ...(config.feat_proj_layer_norm
      ? { "feature_projection.layer_norm.weight": [frame], "feature_projection.layer_norm.bias": [frame] }
      : {}),
    "feature_projection.projection.weight": [width, frame],
    "feature_projection.projection.bias": [width],
    ...encoderShapes({ family, config }),
    ...family.shapes?.(config),
  };
}

/**
 * Returns the model of this architecture up to hidden states `layer` (default: the last); layers above are
 * not computed. `speechShapes` lists its parameters.
 */
export function speechModel(
  architecture: SpeechArchitecture,
  layer = architecture.config.num_hidden_layers,
): SpeechModel {
  const { config } = architecture;
  return {
    ...architecture,
    layer,
    apply(params, inputs, context) {
      const { mask } = inputs;
      let x = "frames" in inputs ? inputs.frames : convolutions(params, inputs, config);
      if (config.feat_proj_layer_norm) {
        x = normLayer(params, "feature_projection.layer_norm", x, config.layer_norm_eps);
      }
      const projected = linearLayer(params, "feature_projection.projection", x, context);
      const seen = dropout(projected, config.feat_proj_dropout, context);
      const input = specAugment(params, seen, mask, config, context);
      const hiddenStates = speechTransformer(params, input, mask, architecture, layer, context);
      return { states: hiddenStates[layer], mask, hiddenStates };
    },
  };
}

/** Reads the weights of a speech model in `folder`; see `readWeights`. Throws UndertoneError. */
export const readSpeechWeights = (
  folder: string,
  architecture: SpeechArchitecture,
  notes?: string[],
): Promise<Weights> =>
  // Checkpoints that were pre-trained without masking lack its embedding.
  readWeights(folder, architecture.family.prefix, speechShapes(architecture), [MASKED], notes);

import type { Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Params } from "../../../compute/mod.ts";
import type { Shapes } from "../weights.ts";
import type { SpeechConfig } from "./config.ts";

/** What is added to the scores of a layer's attention, `[B,heads,L,L]`, given the layer's name and what it attends over. */
export type AttentionBias = (layer: string, x: Tensor3D) => Tensor4D;

/** What one family of speech models has of its own; the rest is shared. */
export interface SpeechFamily {
  /** `model_type` of config.json. */
  id: string;
  /** Stands before the encoder's names in checkpoints that hold a task's head, too. */
  prefix: string;
  /** Parameters that only this family has. */
  shapes?(config: SpeechConfig): Shapes;
  /** Where attention knows positions: its bias for sequences of `length`. */
  bias?(params: Params, config: SpeechConfig, length: number): AttentionBias;
}

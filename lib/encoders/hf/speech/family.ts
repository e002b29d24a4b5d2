import type { Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Params } from "../../../nn/mod.ts";
import type { Shapes } from "../weights.ts";
import type { SpeechConfig } from "./settings.ts";

/** What is added to the scores of attention. */
export interface AttentionBias {
  /** What all layers share, `[heads,L,L]`. */
  shared: Tensor3D;
  /** That of the layer of this name, `[B,heads,L,L]`, given what it attends over and what is shared. */
  of(layer: string, x: Tensor3D, shared: Tensor3D): Tensor4D;
}

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

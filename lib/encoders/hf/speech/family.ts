import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import type { z } from "zod";
import type { Params } from "../../../nn/mod.ts";
import type { Shapes } from "../weights.ts";
import type { SpeechConfig } from "./settings.ts";

/** A bias that is added to the attention scores. */
export interface AttentionBias {
  /** The part that all layers share, `[heads,L,L]`. */
  shared: Tensor3D;
  /** Returns the bias of the named layer, `[B,heads,L,L]`, from its input `x` and the shared part. */
  of(layer: string, x: Tensor3D, shared: Tensor3D): Tensor4D;
}

/** How frames learn their positions. */
export interface Positions {
  /** Its parameters. */
  shapes(config: SpeechConfig): Shapes;
  /** Returns `[B,L,D]` to add to `x [B,L,D]`, which must be 0 where the mask `[B,L]` is 0. */
  of(params: Params, x: Tensor3D, mask: Tensor2D, config: SpeechConfig): Tensor3D;
}

/** What is specific to one family of speech models; the rest is shared. */
export interface SpeechFamily {
  /** `model_type` of config.json. */
  id: string;
  /** Prefix of the encoder's weight names in checkpoints that also hold a task's head. */
  prefix: string;
  /** Reads the family's keys of config.json. */
  settings: z.ZodType<SpeechConfig>;
  /** Parameters that only this family has. */
  shapes?(config: SpeechConfig): Shapes;
  /** Returns the attention bias for sequences of `length`, if the family has relative positions. */
  bias?(params: Params, config: SpeechConfig, length: number): AttentionBias;
  /** Default: one wide convolution with weight norm. */
  positions?: Positions;
}

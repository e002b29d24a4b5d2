import type { z } from "zod";
import type { Tensor, Tensor2D, Tensor3D } from "../compute/mod.ts";
import type { ForwardContext, Params } from "../nn/mod.ts";
import type { Modality } from "../encoders/mod.ts";

export type { ForwardContext };

/**
 * The input of a head. Masks are required and are float32: 1 at real positions, 0 at the padding after them.
 * If a row lacks a modality, its mask is all 0. If the whole run lacks a modality, its states have length 1
 * and width 1, and the mask is 0.
 */
export interface FusionInput {
  /** Text hidden states `[B,Lt,Dt]`. */
  text: Tensor3D;
  /** Attention mask of the text `[B,Lt]`. */
  textMask: Tensor2D;
  /** Speech hidden states `[B,La,Da]`. */
  audio: Tensor3D;
  /** Attention mask of the speech `[B,La]`. */
  audioMask: Tensor2D;
}

/** The output of a head. It is a type, not an interface, so that `tf.tidy` may return it. */
export type FusionOutput = {
  /** Logits `[B,C]`. */
  logits: Tensor2D;
  /** The vector that the last layer reads, `[B,D]`, if the method has one. */
  pooled?: Tensor2D;
  /**
   * Attention maps by name. Rows of padded queries are 0. The name says what attends to what: weights over
   * positions `[B,L]` begin with their modality (`text_pool`), maps `[B,heads,Lq,Lk]` name the queries, then
   * the keys (`text_to_audio`). Explanations show maps with such names.
   */
  attention?: Record<string, Tensor>;
  /**
   * Other values worth inspecting, by name: for example a gate `[B,D]`, or the logits of one modality
   * `[B,C]`.
   */
  parts?: Record<string, Tensor>;
};

/** The widths and the number of classes that a head is built for. */
export interface FusionSizes {
  /** Width of the text hidden states; 1 if the run has no text. */
  text: number;
  /** Width of the speech hidden states; 1 if the run has no speech. */
  audio: number;
  /** Number of labels. */
  classes: number;
}

/**
 * A zod schema of options, with their defaults and descriptions.
 * @internal
 */
export type OptionsSchema<Options> = z.ZodType<Options>;

/**
 * A fusion method: an options schema, `init` and `apply`. Each method takes one file and one line in the
 * registry.
 */
export interface FusionMethod<Options = Record<string, unknown>> {
  /** Name in the registry, e.g. `memocmt`. */
  id: string;
  /** One line for `--help` and tables. */
  summary: string;
  /** Modalities that the method needs. */
  modalities: readonly Modality[];
  /** Schema of the options; each has a default and a description. */
  options: OptionsSchema<Options>;
  /** Creates the parameters by name. The same seed gives the same values. The caller disposes them. */
  init(options: Options, sizes: FusionSizes, seed: number): Params;
  /** Computes the output for a batch. Runs inside `tf.tidy`, and under a gradient tape in training. */
  apply(params: Params, input: FusionInput, options: Options, context: ForwardContext): FusionOutput;
}

import type { z } from "zod";
import type { Tensor, Tensor2D, Tensor3D } from "../compute/mod.ts";
import type { ForwardContext, Params } from "../nn/mod.ts";
import type { Modality } from "../encoders/mod.ts";

export type { ForwardContext };

/**
 * What a head sees. Masks are float32, 1 at real positions and 0 at the padding after them, and are required; a missing
 * modality is a row whose mask is all 0 (or width 1, length 1, mask 0 throughout where the whole run has none).
 */
export interface FusionInput {
  /** Text states `[B,Lt,Dt]`. */
  text: Tensor3D;
  /** `[B,Lt]`. */
  textMask: Tensor2D;
  /** Speech states `[B,La,Da]`. */
  audio: Tensor3D;
  /** `[B,La]`. */
  audioMask: Tensor2D;
}

/** What a head says: a type, not an interface, so that `tf.tidy` may return it. */
export type FusionOutput = {
  /** `[B,C]`. */
  logits: Tensor2D;
  /** The vector that the last layer reads, `[B,D]`, where there is one. */
  pooled?: Tensor2D;
  /** Attention maps by name, rows of padded queries 0. */
  attention?: Record<string, Tensor>;
  /** Other values worth reading, by name: a gate `[B,D]`, the logits of one modality `[B,C]`. */
  parts?: Record<string, Tensor>;
};

/** What a head is made for. */
export interface FusionSizes {
  /** Width of the text states, 1 where a run has no text. */
  text: number;
  /** Width of the speech states, 1 where a run has no speech. */
  audio: number;
  /** Number of labels. */
  classes: number;
}

/**
 * Options with their defaults and descriptions: a schema of zod.
 * @internal
 */
export type OptionsSchema<Options> = z.ZodType<Options>;

/** A fusion head as a value: options with their schema, `init`, `apply`. One file and one registry line each. */
export interface FusionMethod<Options = Record<string, unknown>> {
  /** Registry name, e.g. `memocmt`. */
  id: string;
  /** One line for `--help` and tables. */
  summary: string;
  /** Modalities without which it has nothing to say. */
  modalities: readonly Modality[];
  /** Every option with its default and description. */
  options: OptionsSchema<Options>;
  /** Fresh parameters by name, the same for the same seed; the caller frees them. */
  init(options: Options, sizes: FusionSizes, seed: number): Params;
  /** What the head says of a batch. Runs inside `tf.tidy`, in training under a gradient tape. */
  apply(params: Params, input: FusionInput, options: Options, context: ForwardContext): FusionOutput;
}

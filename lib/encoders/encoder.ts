/** What every encoder is: a batch of inputs in, hidden states out. */

import type { NamedTensorMap, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import type { ForwardContext, Params } from "../nn/mod.ts";
import type { Feed } from "../compute/mod.ts";
import type { Modality, Sequence } from "../data/mod.ts";

export type { Modality, Sequence };
export { SAMPLE_RATE } from "../data/mod.ts";

/** Frozen: inputs in, one Sequence each out; cacheable. `In` is a string (text) or mono samples at 16 kHz (speech). */
export interface FrozenEncoder<In> {
  /** Registry name, e.g. `use-lite`. */
  id: string;
  /** What it reads. */
  modality: Modality;
  /** Changes whenever weights or preprocessing change; keys the feature cache. */
  fingerprint: string;
  /** Width of a hidden state, D. */
  width: number;
  /** Hidden states per second of speech, in Hz; absent for text. */
  rate?: number;
  /** What was assumed, or left out, when the encoder was read: whole sentences, shown to whoever uses it. */
  notes?: readonly string[];
  /** Hidden states that the whole of an input would have; absent where no input is cut. */
  lengthOf?(input: In): number;
  /** True where an input that is too long loses its start, not its end. */
  keepsEnd?: boolean;
  /** True for an input that versions before read otherwise, so that cached states of it are not these. */
  revised?(input: In): boolean;
  /** Of versions before that read all inputs alike, but some otherwise: what they did. */
  formerly?: { fingerprint: string; did: string };
  /** Result does not depend on what else is in the batch. */
  encode(batch: readonly In[]): Promise<Sequence[]>;
  /**
   * The same with parameters of its own, to be trained from here on; absent where it can't be.
   * @internal
   */
  thaw?(): TrainableEncoder<In>;
}

/** A frozen encoder of texts. */
export type TextEncoder = FrozenEncoder<string>;
/** A frozen encoder of speech: mono samples at 16 kHz. */
export type SpeechEncoder = FrozenEncoder<Float32Array>;

/** What a forward pass of an encoder gives: a type, not an interface, so that `tf.tidy` may return it. */
export type EncoderOutput = {
  /** `[B,L,D]`; what stands at padding is of no meaning. */
  states: Tensor3D;
  /** `[B,L]`, 1 at real positions, else 0. */
  mask: Tensor2D;
  /** All that led to `states`, which is the last of them. */
  hiddenStates?: Tensor3D[];
};

/** What an input is before it is padded: token ids, or samples. */
export type Row = ArrayLike<number>;

/** JSON files that an encoder is made from beside its weights, by name: `tokenizer.json`. */
export type EncoderFiles = Record<string, unknown>;

/** Parameters and a differentiable forward pass on padded input. */
export interface TrainableEncoder<In, Inputs extends NamedTensorMap = NamedTensorMap> {
  id: string;
  modality: Modality;
  /** Width of a hidden state, D. */
  width: number;
  /** Hidden states per second of speech, in Hz; absent for text. */
  rate?: number;
  /** As for a frozen encoder. */
  notes?: readonly string[];
  lengthOf?(input: In): number;
  keepsEnd?: boolean;
  revised?(input: In): boolean;
  params: Params;
  files: EncoderFiles;
  /** An input as a row, cut so that at most `limit` hidden states come of it. */
  rowOf(input: In, limit?: number): Row;
  /** Hidden states that come of a row. */
  statesOf(row: Row): number;
  /** Rows side by side, padded to one of few lengths, since every shape is compiled anew. */
  pad(rows: readonly Row[]): Feed;
  /** Most rows of a forward pass outside training. */
  together: number;
  /** A batch as tensors, padded. */
  prepare(batch: readonly In[]): Inputs;
  /** Row by row the same, whatever the padding and the rest of the batch. */
  apply(params: Params, inputs: Inputs, context: ForwardContext): EncoderOutput;
  /** The encoder as its parameters are now, for the feature cache: it keeps a copy of them. */
  frozen(): Promise<FrozenEncoder<In>>;
}

/** An encoder as part of a model. */
export type InnerEncoder = Omit<TrainableEncoder<never>, "frozen" | "prepare">;

/** What encoders assumed or left out, each said once. */
export const encoderNotes = (
  encoders: Partial<Record<Modality, Pick<FrozenEncoder<never>, "notes">>>,
): string[] => [
  ...new Set(Object.values(encoders).flatMap((encoder) => encoder?.notes ?? [])),
];

/** What every encoder is: a batch of inputs in, hidden states out. */

import type { ForwardContext, Params } from "../nn/mod.ts";
import type { Feed, NamedTensorMap, Tensor2D, Tensor3D } from "../compute/mod.ts";
import type { Modality, Sequence } from "../data/mod.ts";
import type { RawTensor } from "../files/mod.ts";
import type { GraphInputs } from "./graph_inputs.ts";

export type { Modality, Sequence };
export { SAMPLE_RATE } from "../data/mod.ts";

/** What an encoder says of itself. */
export interface EncoderFacts {
  /** Registry name, e.g. `use-lite`. */
  id: string;
  /** What it reads: text, or speech. */
  modality: Modality;
  /** Width of a hidden state, D. */
  width: number;
  /** Hidden states per second of speech, in Hz; absent for text. */
  rate?: number;
  /** What was assumed, or left out, when the encoder was read: whole sentences, shown to whoever uses it. */
  notes?: readonly string[];
  /** True where an input that is too long loses its start, not its end. */
  keepsEnd?: boolean;
  /** Most hidden states of an input that are made together; longer ones come in pieces that do not see each other. */
  piece?: number;
}

/** Frozen: inputs in, one Sequence each out; cacheable. `In` is a string (text) or mono samples at 16 kHz (speech). */
export interface FrozenEncoder<In> extends EncoderFacts {
  /** Changes whenever weights or preprocessing change; keys the feature cache. */
  fingerprint: string;
  /** Hidden states that the whole of an input would have; absent where no input is cut. */
  lengthOf?(input: In): number;
  /** True for an input that versions before read otherwise, so that cached states of it are not these. */
  revised?(input: In): boolean;
  /** Of versions before that read all inputs alike, but some otherwise: what they did. */
  formerly?: { fingerprint: string; did: string };
  /** Result does not depend on what else is in the batch. */
  encode(batch: readonly In[]): Promise<Sequence[]>;
  /** Frees what it keeps on the engine between calls of `encode`; the next call makes it again. */
  release?(): void;
  /** What it is made of, for training and export; absent where it can be neither trained nor exported. */
  network?: NetworkEncoder<In>;
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

/** Weights by name, as plain numbers that outlive every engine; whoever has them shares them, and nobody writes to them. */
export type Weights = Record<string, RawTensor>;

/** How inputs become the numbers of a batch. */
export interface Preprocess<In> {
  /** An input as a row, cut so that at most `limit` hidden states come of it. */
  rowOf(input: In, limit?: number): Row;
  /** Hidden states that come of a row. */
  statesOf(row: Row): number;
  /** Rows side by side, padded to one of few lengths, since every shape is compiled anew. */
  pad(rows: readonly Row[]): Feed;
  /** Most rows of a forward pass outside training. */
  batchSize: number;
  /** As for a frozen encoder. */
  lengthOf?(input: In): number;
  /** As for a frozen encoder. */
  revised?(input: In): boolean;
}

/** A neural network as an encoder: all that it takes to freeze it (see `frozenEncoder`), to train it and to export it. */
export interface NetworkEncoder<In, Inputs extends NamedTensorMap = NamedTensorMap> extends EncoderFacts {
  /** From inputs to rows, and from rows to a padded batch. */
  preprocess: Preprocess<In>;
  /** What it starts from; each becomes a parameter of the same name. */
  weights: Weights;
  /** A differentiable forward pass: row by row the same, whatever the padding and the rest of the batch. */
  apply(params: Params, inputs: Inputs, context: ForwardContext): EncoderOutput;
  /**
   * How inputs come into an exported graph that reads at most `most` hidden states of each; absent where it can't be
   * exported. Throws UndertoneError where it can't read so few.
   */
  graphInputs?(most?: number): GraphInputs<In>;
  /** JSON files that it is made from beside its weights: a checkpoint keeps them, and `restore` gets them. */
  files: EncoderFiles;
  /** All else that its states depend on, as text: with the weights it makes the fingerprint. */
  identity: readonly string[];
  /** The same of versions before, where they prepared inputs otherwise, and what they did. */
  formerly?: { identity: readonly string[]; did: string };
}

/** An encoder as part of a model: its weights are parameters. */
export interface ModelEncoder extends Omit<NetworkEncoder<never>, "weights" | "identity" | "formerly"> {
  params: Params;
}

/** What encoders assumed or left out, each said once. */
export const encoderNotes = (
  encoders: Partial<Record<Modality, Pick<FrozenEncoder<never>, "notes">>>,
): string[] => [
  ...new Set(Object.values(encoders).flatMap((encoder) => encoder?.notes ?? [])),
];

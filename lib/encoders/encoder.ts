/** The types of encoders: a batch of inputs in, hidden states out. */

import type { ForwardContext, Params } from "../nn/mod.ts";
import type { Feed, NamedTensorMap, Tensor2D, Tensor3D } from "../compute/mod.ts";
import type { Modality, Sequence, Span, TextInput } from "../data/mod.ts";
import type { RawTensor } from "../files/mod.ts";
import type { EncoderGraph, GraphInputs, Row } from "./graph_inputs.ts";
import type { Matches, RowName } from "./stored/keys.ts";
import type { Window } from "./windows.ts";

export type { Modality, Row, Sequence };
export { SAMPLE_RATE } from "../data/mod.ts";

/** Facts that every encoder states about itself. */
export interface EncoderFacts {
  /** Registry name, e.g. `use-lite`. */
  id: string;
  /** The modality that it reads: text or audio. */
  modality: Modality;
  /** Width of a hidden state, D. */
  width: number;
  /** Hidden states per second of speech, in Hz; absent for text. */
  rate?: number;
  /** What was assumed or left out when the encoder was read: whole sentences, shown to the user. */
  notes?: readonly string[];
  /** True if an input that is too long loses its start instead of its end. */
  keepsEnd?: boolean;
  /**
   * Number of values that repeat within a state, for a state that says several things of each: the means of
   * 80 mel bands, then their deviations. Absent if a state repeats nothing.
   */
  frameWidth?: number;
  /**
   * Most hidden states computed in one pass. A longer input is computed in windows of that length, which
   * overlap by half.
   */
  piece?: number;
  /** Middle of the first state's sound in seconds. Default: half a step, 0.5 / rate. */
  middle?: number;
}

/** The tokens of a text. */
export interface TextTokens {
  /** Ids of the whole text without special tokens, before it is cut. */
  own: readonly number[];
  /** For each hidden state, the index of its token in `own`; -1 for a special token. */
  places: readonly number[];
}

/**
 * A frozen encoder: one Sequence for each input, cacheable. `In` is a string (text) or mono samples at 16 kHz
 * (speech).
 */
export interface FrozenEncoder<In> extends EncoderFacts {
  /** Changes whenever weights or preprocessing change; it is the key of the feature cache. */
  fingerprint: string;
  /** Number of hidden states that the uncut input would have; absent if inputs are never cut. */
  lengthOf?(input: In): number;
  /** Returns the tokens behind the hidden states of a text; absent if states are no tokens. */
  tokensOf?(input: In): TextTokens;
  /**
   * Returns start and end of each hidden state in seconds of the clip; absent if states follow each other at
   * `rate` from the start of the clip.
   */
  timesOf?(input: In): Promise<Span[]>;
  /** True for an input that earlier versions read differently, so that its cached states are invalid. */
  revised?(input: In): boolean;
  /** The fingerprint in earlier versions, if those prepared inputs differently, and how they did. */
  formerly?: { fingerprint: string; did: string };
  /** Why an input without hidden states is refused: "has no speech, and …". Absent if it is not refused. */
  nothing?: string;
  /** Encodes a batch. The result for an input does not depend on the rest of the batch. */
  encode(batch: readonly In[]): Promise<Sequence[]>;
  /**
   * Its states, if they are found by the names of rows; `encode` then throws.
   * @internal
   */
  stored?: StoredStates;
  /**
   * Frees what is kept between calls of `encode`, once none of them runs; the next call creates it again.
   */
  release?(): void;
  /** True if its weights have 8 bits, so that it can't be trained, though it has a network. */
  eightBit?: boolean;
  /** The network behind it, for training and export; absent if it can be neither trained nor exported. */
  network?: NetworkEncoder<In>;
  /** Returns it as an ONNX model, for export; absent if it has a network or can't be exported. */
  graph?(): Promise<EncoderGraph<In>>;
}

/** Hidden states that exist already. They are found by the names of rows. */
export interface StoredStates {
  /** Where they lie, as the user wrote it. */
  path: string;
  /** Finds the keys of all rows of a data set, and the reason for each row without. */
  find(rows: readonly RowName[]): Matches;
  /** Returns notes on keys and rows that have no counterpart. */
  notes(rows: readonly RowName[]): string[];
  /**
   * Returns the states of each key, or why they can't be used. Throws UndertoneError if the files changed.
   */
  read(keys: readonly string[]): Promise<(Sequence | string)[]>;
}

/** A frozen encoder of texts. */
export type TextEncoder = FrozenEncoder<string>;
/** A frozen encoder of speech: mono samples at 16 kHz. */
export type SpeechEncoder = FrozenEncoder<Float32Array>;

/** The output of an encoder's forward pass. A type, not an interface, so that `tf.tidy` may return it. */
export type EncoderOutput = {
  /** `[B,L,D]`; values at padding are meaningless. */
  states: Tensor3D;
  /** Attention mask `[B,L]`: 1 at real positions, 0 at padding. */
  mask: Tensor2D;
  /** The hidden states of all layers; the last one is `states`. */
  hiddenStates?: Tensor3D[];
};

/** JSON files, by name, that an encoder is built from besides its weights: `tokenizer.json`. */
export type EncoderFiles = Record<string, unknown>;

/** Weights by name, as plain arrays that do not depend on an engine. They are shared: never write to them. */
export type Weights = Record<string, RawTensor>;

/** Returns the current values of a weight. */
export type WeightReader = (name: string) => Promise<ArrayLike<number>>;

/** What training may do to the tokens of a text. */
export interface TokenEditing {
  /** The mask token: its id, and how it is written in a text. Absent if the tokenizer has none. */
  mask?: { id: number; text: string };
  /** Returns a row with other tokens of the text itself. Special tokens and the turns around it stay. */
  edit(row: Row, change: (own: readonly number[]) => readonly number[]): Row;
}

/** Turns inputs into rows and rows into padded batches. */
export interface Preprocess<In> {
  /** Turns an input into a row, cut to give at most `limit` hidden states. */
  rowOf(input: In, limit?: number): Row;
  /** Number of hidden states that a row gives. */
  statesOf(row: Row): number;
  /** Pads rows to a common length. Few lengths occur, because every new shape is compiled. */
  pad(rows: readonly Row[]): Feed;
  /** Most rows in a forward pass outside training. */
  batchSize: number;
  /**
   * Which rows share a pass of the frozen encoder: those of one `key`, at most `rows` at a time. If `whole`,
   * a pass has `rows` rows or one, so that few shapes occur. Default: any rows, `batchSize` at a time.
   */
  passOf?(row: Row): { key: number | string; rows: number; whole: boolean };
  /** As for a frozen encoder. */
  lengthOf?(input: In): number;
  /** As for a frozen encoder, of a row with at most `limit` hidden states. */
  tokensOf?(input: In, limit?: number): TextTokens;
  /** As for a frozen encoder. */
  revised?(input: In): boolean;
  /** How the tokens of a text are changed in training; absent if rows are no tokens of a text. */
  tokens?: TokenEditing;
  /**
   * Number of turns around a text that do not fit, wholly or in part; absent if the encoder reads no turns.
   */
  turnsCut?(input: In): number;
}

/**
 * The lowest part of a network. While its parameters are frozen, what it gives for a row never changes, so it
 * can be computed once.
 */
export interface LowerPart<Inputs extends NamedTensorMap = NamedTensorMap> {
  /** What it gives, for the name of its cache: `frames`. */
  id: string;
  /** The prefix of its parameters. */
  prefix: string;
  /** Width of its states. */
  width: number;
  /** Everything that its states depend on besides its parameters and the row, as text. */
  identity: readonly string[];
  /**
   * Its forward pass, from the network's inputs. It draws nothing at random, and a row's result does not
   * depend on padding or on the rest of the batch.
   */
  apply(params: Params, inputs: Inputs): EncoderOutput;
  /** Pads its states to inputs of the whole network, of the same length as rows. A row may be missing. */
  pad(states: readonly (Sequence | undefined)[]): Feed;
}

/**
 * A neural network as an encoder: all that is needed to freeze it (see `frozenEncoder`), train it and export
 * it.
 */
export interface NetworkEncoder<In, Inputs extends NamedTensorMap = NamedTensorMap> extends EncoderFacts {
  /** Turns inputs into rows and rows into padded batches. */
  preprocess: Preprocess<In>;
  /** Initial weights; each becomes a parameter of the same name. */
  weights: Weights;
  /** A differentiable forward pass. A row's result does not depend on padding or on the rest of the batch. */
  apply(params: Params, inputs: Inputs, context: ForwardContext): EncoderOutput;
  /** Its lowest part, whose states `apply` also takes as inputs; absent if it can't be cut. */
  lower?: LowerPart<Inputs>;
  /**
   * Yields the inputs of one pass for each window of a row with more than `piece` states, so that memory has
   * a bound; absent if the encoder limits rows itself. `weight` returns the current values of a weight.
   */
  windows?(row: Row, weight: WeightReader): AsyncIterable<{ feed: Feed; window: Window }>;
  /**
   * Returns inputs of `apply` for `batch` rows of about `length` states, whatever their values: sizes at
   * which it is recorded as a graph with constant weights. Absent if it can't be.
   */
  recordedAt?(batch: number, length: number): Feed;
  /**
   * Returns the inputs of an exported graph that reads at most `most` hidden states of each input; absent if
   * the encoder can't be exported. Throws UndertoneError if the graph can't cut inputs at `most`.
   */
  graphInputs?(most?: number): GraphInputs<In>;
  /**
   * Returns the same network for texts in their dialogue. It reads the turns around a text and returns the
   * states of the text alone. Absent if it can't separate turns.
   */
  inContext?(): NetworkEncoder<TextInput>;
  /**
   * JSON files that it is built from besides its weights. A checkpoint keeps them and `restore` receives
   * them.
   */
  files: EncoderFiles;
  /**
   * Everything else that its states depend on, as text: together with the weights it makes the fingerprint.
   */
  identity: readonly string[];
  /** The identity in earlier versions, if those prepared inputs differently, and how they did. */
  formerly?: { identity: readonly string[]; did: string };
}

/** An encoder as part of a model: its weights are parameters. */
export interface ModelEncoder extends Omit<NetworkEncoder<never>, "weights" | "identity" | "formerly"> {
  params: Params;
}

/** Returns the notes of all encoders, each note once. */
export const encoderNotes = (
  encoders: Partial<Record<Modality, Pick<FrozenEncoder<never>, "notes">>>,
): string[] => [
  ...new Set(Object.values(encoders).flatMap((encoder) => encoder?.notes ?? [])),
];

/**
 * A benchmark case: the same work in Undertone and in PyTorch. Each family of cases is a file, with a Python
 * file beside it.
 */

import type { Precision } from "../../lib/train/mod.ts";

export interface Case {
  /** `family:name`, for `--case`. */
  id: string;
  summary: string;
  /** Creates the data and our side. `close` frees what it allocates. */
  prepare(settings: Settings): Promise<Sides>;
}

export interface Settings {
  /** Timed rounds of each side, after one untimed round. */
  rounds: number;
  /** Threads of each side. */
  threads: number;
  /** Rows of the random data set. */
  rows: number;
  /** Precision of the steps that train encoders. */
  precision?: Precision;
  /**
   * A data set of the user. `text`, `audio` and `cache` give the encoders and the cache of its hidden states.
   */
  data?: string;
  text: string;
  audio: string;
  cache: string;
}

export interface Sides {
  /** The unit that times are reported per, and the number of units in a round. */
  unit: { name: string; perRound: number };
  /** Returns numbers that must equal PyTorch's, computed from the initial state that PyTorch also gets. */
  check(): Promise<number[]>;
  /** Tolerance of that comparison; default: that of float32. */
  tolerance?: number;
  /** Runs one round of our side. */
  round(): Promise<void>;
  /** Arguments of `deno task infer`, if a round is such a process. */
  infer?: readonly string[];
  pytorch: PytorchCase;
  close(): void;
}

/**
 * The same work in PyTorch. `module` is the family's Python file; its `open(spec, tensors)` returns the case.
 */
export interface PytorchCase {
  module: string;
  /** Ways in which a PyTorch user would do the work. The first one is the reference for the ratios. */
  variants: readonly string[];
  spec: unknown;
  tensors(): readonly PytorchTensor[];
}

/**
 * An array for PyTorch. A name with the prefix `param.` marks a parameter. `parts` are its numbers, in
 * consecutive pieces.
 */
export interface PytorchTensor {
  name: string;
  shape: readonly number[];
  parts: readonly (Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>)[];
}

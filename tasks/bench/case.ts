/** What a benchmark case is: the same work on our side and in PyTorch, one family of cases a file, its twin beside it. */

export interface Case {
  /** `family:name`, as `--case` takes it. */
  id: string;
  summary: string;
  /** Makes the data and our side; what it allocates lives until `close`. */
  prepare(settings: Settings): Promise<Sides>;
}

export interface Settings {
  /** Timed rounds of each side; one more comes before them untimed. */
  rounds: number;
  /** Threads of each side. */
  threads: number;
  /** Rows of the made-up data set. */
  rows: number;
  /** A data set of the user's, with the encoders and the cache for its hidden states. */
  data?: string;
  text: string;
  audio: string;
  cache: string;
}

export interface Sides {
  /** What a time is told per, and how many of these a round does. */
  unit: { name: string; perRound: number };
  /** Numbers that show that both sides do the same work, from the start that the twin was given too. */
  check(): Promise<number[]>;
  /** One round of our side. */
  round(): Promise<void>;
  /** Where a round is `deno task infer` in a process of its own: its arguments. */
  infer?: readonly string[];
  pytorch: PytorchCase;
  close(): void;
}

/** The same work in PyTorch: `module` is the Python file beside the family's, whose `open(spec, tensors)` gives the sides. */
export interface PytorchCase {
  module: string;
  /** Ways in which a PyTorch user would do it; the first is the one that ratios are about. */
  variants: readonly string[];
  spec: unknown;
  tensors(): readonly PytorchTensor[];
}

/** An array for PyTorch's side, a parameter where its name starts with `param.`; `parts` are its numbers in order, in pieces. */
export interface PytorchTensor {
  name: string;
  shape: readonly number[];
  parts: readonly (Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>)[];
}

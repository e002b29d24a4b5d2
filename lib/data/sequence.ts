/** The data that encoders pass to batches. */

/** Hidden states of one utterance, `[length, width]` in row-major order. */
export interface Sequence {
  /** The values, state by state. */
  data: Float32Array;
  /** Number of states, L. */
  length: number;
  /** Width of a state, D. */
  width: number;
  /** Number of hidden states of the whole input, if the encoder cut it. */
  whole?: number;
}

/** The words of an utterance, or its sound. */
export type Modality = "text" | "audio";

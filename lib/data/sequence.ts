/** What passes from encoders to batches. */

/** Hidden states of one utterance, row-major `[length, width]`. */
export interface Sequence {
  /** Numbers, one state after another. */
  data: Float32Array;
  /** Number of states, L. */
  length: number;
  /** Width of a state, D. */
  width: number;
  /** Length that the whole input would have, where its encoder cut it. */
  whole?: number;
}

/** What is said, and how. */
export type Modality = "text" | "audio";

/** What passes from encoders to batches. */

/** Hidden states of one utterance, row-major `[length, width]`. */
export interface Sequence {
  data: Float32Array;
  length: number;
  width: number;
  /** Length that the whole input would have, where its encoder cut it. */
  whole?: number;
}

/** What is said, and how. */
export type Modality = "text" | "audio";

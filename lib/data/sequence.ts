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
  /**
   * Writes the first values into `target`, where they are not in memory: `data` then reads them all anew.
   */
  copyTo?(target: Float32Array): void;
}

/** Writes the first values of a sequence into `target`, as many as it takes. */
export function copyStates(sequence: Sequence, target: Float32Array): void {
  if (sequence.copyTo) sequence.copyTo(target);
  else target.set(sequence.data.subarray(0, target.length));
}

/** Returns a function that gives the values of sequences, one at a time: the next call may overwrite them. */
export function valuesReader(): (sequence: Sequence) => Float32Array {
  let scratch = new Float32Array();
  return (sequence) => {
    if (!sequence.copyTo) return sequence.data;
    const size = sequence.length * sequence.width;
    if (scratch.length < size) scratch = new Float32Array(size);
    const values = scratch.subarray(0, size);
    sequence.copyTo(values);
    return values;
  };
}

/** The words of an utterance, or its sound. */
export type Modality = "text" | "audio";

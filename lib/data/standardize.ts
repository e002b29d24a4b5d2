/** Scales each dimension to zero mean and unit deviation over the train split. */
import type { Sequence } from "./sequence.ts";

export interface Standardizer {
  /** Mean of each dimension, `[width]`. */
  mean: Float32Array<ArrayBuffer>;
  /** Population deviation of each dimension, `[width]`; 1 if a dimension is constant. */
  std: Float32Array<ArrayBuffer>;
}

/** A deviation below this share of the mean is float32 rounding of a constant. */
const CONSTANT = 1e-7;

/** Fits mean and deviation over all frames of the sequences, which share one width. Sums in float64. */
export function fitStandardizer(sequences: Iterable<Sequence>): Standardizer {
  let frames = 0;
  let sum = new Float64Array();
  let squares = new Float64Array();
  let shift = new Float32Array(); // the first frame; subtracting it avoids cancellation in the sum of squares
  for (const { data, length, width } of sequences) {
    if (length === 0) continue;
    if (frames === 0) {
      [sum, squares, shift] = [new Float64Array(width), new Float64Array(width), data.slice(0, width)];
    }
    for (let frame = 0; frame < length; frame++) {
      for (let i = 0, at = frame * width; i < width; i++, at++) {
        const value = data[at] - shift[i];
        sum[i] += value;
        squares[i] += value * value;
      }
    }
    frames += length;
  }
  const mean = Float32Array.from(sum, (total, i) => shift[i] + total / frames);
  const std = Float32Array.from(squares, (total, i) => {
    const deviation = Math.sqrt(Math.max(0, total / frames - (sum[i] / frames) ** 2));
    return deviation > CONSTANT * Math.abs(mean[i]) ? deviation : 1;
  });
  return { mean, std };
}

/** Returns a new sequence with `(x - mean) / std` of each frame. */
export function standardize(sequence: Sequence, { mean, std }: Standardizer): Sequence {
  const { data, length, width } = sequence;
  const result = new Float32Array(length * width);
  for (let frame = 0; frame < length; frame++) {
    for (let i = 0, at = frame * width; i < width; i++, at++) result[at] = (data[at] - mean[i]) / std[i];
  }
  return { data: result, length, width };
}

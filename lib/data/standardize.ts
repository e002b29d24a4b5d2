/** Scales each dimension to zero mean and unit deviation over the train split. */
import { copyStates, type Sequence, valuesReader } from "./sequence.ts";

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
  const valuesOf = valuesReader();
  for (const sequence of sequences) {
    const { length, width } = sequence;
    if (length === 0) continue;
    const data = valuesOf(sequence);
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

/**
 * Returns `(x - mean) / std` of each frame as a new sequence. What is not in memory is scaled at each use.
 */
export function standardize(sequence: Sequence, { mean, std }: Standardizer): Sequence {
  const { length, width } = sequence;
  const copyTo = (target: Float32Array) => {
    copyStates(sequence, target);
    for (let start = 0; start < target.length; start += width) {
      for (let i = 0, at = start; i < width; i++, at++) target[at] = (target[at] - mean[i]) / std[i];
    }
  };
  const values = () => {
    const data = new Float32Array(length * width);
    copyTo(data);
    return data;
  };
  if (!sequence.copyTo) return { data: values(), length, width };
  return {
    get data() {
      return values();
    },
    length,
    width,
    copyTo,
  };
}

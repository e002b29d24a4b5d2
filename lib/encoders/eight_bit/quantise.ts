/** Writes a matrix in 8 bits. */

/** Largest magnitude of an 8-bit weight. */
const MOST = 127;

/** A matrix `[in,out]` of integers from -127 to 127, each column with its scale. */
export interface ByteMatrix {
  data: Int8Array;
  shape: readonly [number, number];
  /** `[out]`: a weight is its integer times the scale of its column. */
  scales: Float32Array;
}

/** Rounds a matrix `[out,in]` to 8 bits and transposes it. A row's largest weight has the magnitude 127. */
export function byteMatrix(weights: ArrayLike<number>, [outputs, inputs]: readonly number[]): ByteMatrix {
  const data = new Int8Array(inputs * outputs), scales = new Float32Array(outputs);
  for (let o = 0; o < outputs; o++) {
    let most = 0;
    for (let i = 0; i < inputs; i++) most = Math.max(most, Math.abs(weights[o * inputs + i]));
    scales[o] = most / MOST;
    const inverse = most > 0 ? MOST / most : 0;
    for (let i = 0; i < inputs; i++) {
      data[i * outputs + o] = Math.round(weights[o * inputs + i] * inverse);
    }
  }
  return { data, shape: [inputs, outputs], scales };
}

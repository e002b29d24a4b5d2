/** Writes a matrix in 8 bits. */

/** Largest magnitude of an 8-bit weight. */
const MOST = 127;

/** The byte that stands for 0. */
export const ZERO = { int8: 0, uint8: 128 } as const;

/** How weights stand in bytes: as they are, or 128 higher, which gives the same products. */
export type WeightBytes = keyof typeof ZERO;

/** A matrix `[in,out]` of integers from -127 to 127, each column with its scale. */
export interface ByteMatrix {
  type: WeightBytes;
  data: Int8Array | Uint8Array;
  shape: readonly [number, number];
  /** `[out]`: a weight is its integer times the scale of its column. */
  scales: Float32Array;
}

/** Rounds a matrix `[out,in]` to 8 bits and transposes it. A row's largest weight has the magnitude 127. */
export function byteMatrix(
  weights: ArrayLike<number>,
  [outputs, inputs]: readonly number[],
  type: WeightBytes,
): ByteMatrix {
  const data = zeroBytes(type, inputs * outputs), scales = new Float32Array(outputs), zero = ZERO[type];
  for (let o = 0; o < outputs; o++) {
    let most = 0;
    for (let i = 0; i < inputs; i++) most = Math.max(most, Math.abs(weights[o * inputs + i]));
    scales[o] = most / MOST;
    const inverse = most > 0 ? MOST / most : 0;
    for (let i = 0; i < inputs; i++) {
      data[i * outputs + o] = Math.round(weights[o * inputs + i] * inverse) + zero;
    }
  }
  return { type, data, shape: [inputs, outputs], scales };
}

/** Returns bytes that stand for 0. */
export const zeroBytes = (type: WeightBytes, count: number): Int8Array | Uint8Array =>
  type === "int8" ? new Int8Array(count) : new Uint8Array(count).fill(ZERO.uint8);

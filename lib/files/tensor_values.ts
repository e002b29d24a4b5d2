/** Converts the bytes of a tensor to values: floats to float32, integers to int32 or bytes. */

/** The values of a tensor. */
export type TensorData = Float32Array | Int32Array | Uint8Array;

/** Bytes per value of each type. */
const WIDTHS = new Map([
  ...["BOOL", "U8", "I8"].map((dtype) => [dtype, 1] as const),
  ...["U16", "I16", "F16", "BF16"].map((dtype) => [dtype, 2] as const),
  ...["U32", "I32", "F32"].map((dtype) => [dtype, 4] as const),
  ...["U64", "I64", "F64"].map((dtype) => [dtype, 8] as const),
]);

/** Returns the bytes per value of a type, or undefined if it is not supported. */
export const widthOf = (dtype: string): number | undefined => WIDTHS.get(dtype);

/**
 * Returns the values in `bytes`, of a supported type, or the first value that is too large. Copies the bytes
 * if they are not aligned.
 */
export function valuesIn(dtype: string, bytes: Uint8Array): TensorData | number {
  const width = WIDTHS.get(dtype)!, size = bytes.length / width;
  const { buffer, byteOffset } = bytes.byteOffset % width === 0 ? bytes : bytes.slice();
  switch (dtype) {
    case "F32":
      return new Float32Array(buffer, byteOffset, size);
    case "F64": {
      const values = new Float64Array(buffer, byteOffset, size), narrow = Float32Array.from(values);
      return values.find((value, i) => Math.abs(narrow[i]) === Infinity && Number.isFinite(value)) ?? narrow;
    }
    case "F16":
      return Float32Array.from(new Float16Array(buffer, byteOffset, size));
    case "BF16":
      return new Float32Array(
        Uint32Array.from(new Uint16Array(buffer, byteOffset, size), (half) => half << 16).buffer,
      );
    case "I32":
      return new Int32Array(buffer, byteOffset, size);
    case "I8":
      return Int32Array.from(new Int8Array(buffer, byteOffset, size));
    case "I16":
      return Int32Array.from(new Int16Array(buffer, byteOffset, size));
    case "U16":
      return Int32Array.from(new Uint16Array(buffer, byteOffset, size));
    case "U32":
      return wholes(new Uint32Array(buffer, byteOffset, size));
    case "I64":
      return wholes(new BigInt64Array(buffer, byteOffset, size));
    case "U64":
      return wholes(new BigUint64Array(buffer, byteOffset, size));
    default: // BOOL and U8
      return new Uint8Array(buffer, byteOffset, size);
  }
}

/** Returns integers as int32, or the first one that is too large. */
function wholes(values: ArrayLike<number | bigint>): Int32Array<ArrayBuffer> | number {
  const narrow = new Int32Array(values.length);
  for (let i = 0; i < narrow.length; i++) {
    const value = Number(values[i]);
    narrow[i] = value;
    if (narrow[i] !== value) return value;
  }
  return narrow;
}

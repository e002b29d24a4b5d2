/** Numbers that are none: what is NaN or infinite is refused wherever it would enter or leave. */
import { badInput } from "./errors.ts";

/** Index of the first value that is NaN or infinite; -1 where there is none. */
export function firstNotFinite(values: ArrayLike<number>): number {
  if (values instanceof Int32Array || values instanceof Uint8Array) return -1;
  if (values instanceof Float32Array && allFinite(values)) return -1;
  return Array.prototype.findIndex.call(values, (value) => !Number.isFinite(value));
}

/** The exponent's bits, all 1 in NaN and infinities, and what then carries over into the sign. */
const EXPONENT = 0x7f800000, CARRY = 0x00800000;

/** By the numbers' bits, about 1 ns each. */
function allFinite({ buffer, byteOffset, length }: Float32Array): boolean {
  const bits = new Int32Array(buffer, byteOffset, length);
  let carried = 0;
  for (let i = 0; i < length; i++) carried |= (bits[i] & EXPONENT) + CARRY;
  return carried >= 0;
}

const DAMAGED = "The file is damaged, or the training that made it failed: use other weights.";

/** Throws UndertoneError that names the first tensor with a value that is NaN or infinite; `at` is where they come from. */
export function requireFinite(
  tensors: Readonly<Record<string, { data: ArrayLike<number> }>>,
  at: string,
  todo = DAMAGED,
): void {
  for (const [name, { data }] of Object.entries(tensors)) {
    const place = firstNotFinite(data);
    if (place < 0) continue;
    throw badInput({
      expected: "finite numbers",
      found: `${data[place]} at position ${place} of '${name}'`,
      at,
      todo,
    });
  }
}

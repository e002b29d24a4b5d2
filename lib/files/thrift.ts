/**
 * Reads structures of Thrift's compact protocol, in which parquet files describe themselves:
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */

/** A structure: its values by field number. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;
/** A value. Whole numbers up to 64 bits are numbers, which is exact up to 2^53. */
export type ThriftValue = number | boolean | Uint8Array | ThriftStruct | readonly ThriftValue[];

/** Most values of one structure, with all that is in it, and most levels. */
const MOST_VALUES = 4_000_000, DEEPEST = 32;

/** A structure that can't be read. Its message says why. */
export class ThriftFault extends Error {}

/**
 * Reads the structure that begins at `start`, and returns it with its end. No claim of a length is believed
 * beyond the bytes that are there. Throws ThriftFault.
 */
export function readThrift(bytes: Uint8Array, start = 0): { struct: ThriftStruct; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start, values = 0;
  const fail = (message: string): never => {
    throw new ThriftFault(message);
  };
  const take = (length: number): number => {
    if (length > bytes.length - at) fail("a structure that is cut off");
    at += length;
    return at - length;
  };
  const varint = (): number => {
    let value = 0;
    for (let scale = 1, size = 0; size < 10; scale *= 128, size++) {
      const byte = bytes[take(1)];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    return fail("a number without an end");
  };
  const integer = (): number => {
    const zigzag = varint();
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  };
  const list = (depth: number): ThriftValue[] => {
    const head = bytes[take(1)], kind = head & 15, length = head >> 4 === 15 ? varint() : head >> 4;
    if (length > bytes.length - at) fail(`a list of ${length} values in ${bytes.length - at} bytes`);
    return Array.from(
      { length },
      () => kind === TRUE || kind === FALSE ? bytes[take(1)] === 1 : value(kind, depth),
    );
  };
  const value = (kind: number, depth: number): ThriftValue => {
    if (++values > MOST_VALUES) fail(`more than ${MOST_VALUES} values`);
    if (depth > DEEPEST) fail("structures within structures without an end");
    switch (kind) {
      case TRUE:
      case FALSE:
        return kind === TRUE;
      case 3: // a byte
        return view.getInt8(take(1));
      case 4: // whole numbers of 16, 32 and 64 bits
      case 5:
      case 6:
        return integer();
      case 7: // a double
        return view.getFloat64(take(8), true);
      case 8: { // bytes or text
        const length = varint(), from = take(length);
        return bytes.subarray(from, from + length);
      }
      case 9:
        return list(depth + 1);
      case 12:
        return struct(depth + 1);
      default:
        return fail(`a value of kind ${kind}`);
    }
  };
  const struct = (depth: number): ThriftStruct => {
    const fields = new Map<number, ThriftValue>();
    for (let id = 0;;) {
      const head = bytes[take(1)], kind = head & 15;
      if (kind === 0) return fields;
      id = head >> 4 === 0 ? integer() : id + (head >> 4);
      fields.set(id, value(kind, depth));
    }
  };
  return { struct: struct(0), end: at };
}

/** Kinds of the two booleans; their values are their kinds. */
const TRUE = 1, FALSE = 2;

/** Reads arrays of numpy (.npy): a magic word, a header that is a Python dictionary, then the values. */

/** What a header says. */
export interface NpyHeader {
  /** Type of the values, by its name in safetensors. */
  dtype: string;
  /** Whether the first index varies fastest in memory. */
  isFortran: boolean;
  shape: number[];
  /** Where the values start, in bytes. */
  start: number;
}

/** A fault in an array's header. Its message is the `found` of an error. */
export class NpyFault extends Error {}

/** Bytes that hold the header of any array of numbers. */
export const MOST_HEADER = 4096;

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const TYPES = new Map(Object.entries({ "<f2": "F16", "<f4": "F32", "<f8": "F64" }));
const HEADER =
  /^\{\s*'descr':\s*(?:'([^']*)'|(\[.*\])),\s*'fortran_order':\s*(True|False),\s*'shape':\s*\(([\d\s,]*)\),?\s*\}\s*$/;

const fail = (found: string): never => {
  throw new NpyFault(found);
};

/** Reads the header at the start of `bytes`. Throws NpyFault unless it is one of an array of floats. */
export function npyHeader(bytes: Uint8Array): NpyHeader {
  if (bytes.length < 12 || !MAGIC.every((byte, i) => bytes[i] === byte)) {
    return fail("another start than a .npy file's");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length), major = bytes[6];
  if (major < 1 || major > 3) fail(`version ${major} of the .npy format`);
  const head = major === 1 ? 10 : 12;
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (head + length > bytes.length) fail(`a header of ${length} bytes`);
  const text = new TextDecoder().decode(bytes.subarray(head, head + length));
  const [, descr, fields, order, axes] = HEADER.exec(text) ?? fail("a damaged header");
  if (fields) fail("records with named fields");
  if (descr.includes("O")) fail("Python objects, which only code could read");
  const dtype = TYPES.get(descr) ?? fail(`values of type '${descr.slice(0, 20)}'`);
  const shape = axes.split(",").map((axis) => axis.trim()).filter((axis) => axis !== "").map(Number);
  if (!shape.every(Number.isSafeInteger)) fail("a shape beyond every file");
  return { dtype, isFortran: order === "True", shape, start: head + length };
}

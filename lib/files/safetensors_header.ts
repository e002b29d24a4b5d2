/**
 * The JSON header of a safetensors file. It is refused wherever the format's own reader (Rust) refuses it, and for two things
 * that this one lets pass: names that occur twice, and keys that the format does not have.
 */

/** What the header says of a tensor; its bytes are counted from the header's end. */
export interface TensorInfo {
  name: string;
  dtype: string;
  shape: number[];
  start: number;
  end: number;
}

export interface Header {
  /** In the order of their bytes, of which they take all `total`, side by side. */
  tensors: TensorInfo[];
  metadata: Record<string, string>;
}

/** The format's own limit, in bytes. */
export const LONGEST_HEADER = 100_000_000;

/** Bytes of a value. */
const WIDTHS = new Map([
  ...["BOOL", "U8", "I8"].map((dtype) => [dtype, 1] as const),
  ...["U16", "I16", "F16", "BF16"].map((dtype) => [dtype, 2] as const),
  ...["U32", "I32", "F32"].map((dtype) => [dtype, 4] as const),
  ...["U64", "I64", "F64"].map((dtype) => [dtype, 8] as const),
]);

/** Types that the format has and that are not read here. */
const OTHERS = /^(F4|F6_E[23]M[23]|F8_E\dM\d(FNUZ)?|C64)$/;

const CONVERT = "This type is not read here: save the weights as float32, float16 or bfloat16.";

/** Bytes of a value of a type that is read. */
export const widthOf = (dtype: string): number => WIDTHS.get(dtype)!;

const KEYS = ["dtype", "shape", "data_offsets"];

/** What makes a header unreadable, as the `found` of a sentence, and what to do where that is another cause than damage. */
export class HeaderFault extends Error {
  constructor(found: string, readonly todo?: string) {
    super(found);
  }
}

const fail = (found: string, todo?: string): never => {
  throw new HeaderFault(found, todo);
};

/** The header in `bytes`, of a file with `total` bytes of tensors. Throws HeaderFault. */
export function parseHeader(bytes: Uint8Array, total: number): Header {
  const text = textOf(bytes),
    json = isObject(text.value) ? text.value : fail("a header that is not an object");
  const { metadata, entries } = partsOf(json);
  const tensors = entries.map(([name, entry]) => tensorOf(name, entry));
  // The whole is known by now to have no other names and numbers than these.
  const names = entries.length * 4 + Object.keys(metadata).length + Number("__metadata__" in json);
  if (text.names !== names) fail("a header that has a name twice");
  if (/[-.eE]/.test(text.rest)) fail("a header with fractions or negative numbers");
  tensors.sort((a, b) => a.start - b.start || a.end - b.end);
  let next = 0;
  for (const { name, start, end } of tensors) {
    if (start !== next) {
      fail(`tensor ${quoted(name)} at byte ${start}, not ${next} where the one before it ends`);
    }
    next = end;
  }
  if (next > total) fail(`${total} bytes of tensors where the header tells of ${next}`);
  if (next < total) fail(`${total - next} bytes after the last tensor`);
  return { tensors, metadata };
}

/** JSON with what parsing it hides: how many names it has, and what is outside of strings. */
function textOf(bytes: Uint8Array): { value: unknown; names: number; rest: string } {
  const string = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const value = JSON.parse(text);
    let names = 0;
    const rest = text.replace(string, (_, colon) => (names += Number(colon !== undefined), ""));
    return { value, names, rest };
  } catch {
    return fail("a header that is not JSON");
  }
}

function partsOf(json: Record<string, unknown>) {
  const entries = Object.entries(json).filter(([name]) => name !== "__metadata__");
  const metadata = json.__metadata__ ?? {};
  if (!isObject(metadata) || !Object.entries(metadata).flat().every(isText)) {
    fail("metadata that are not text");
  }
  return { metadata: metadata as Record<string, string>, entries };
}

function tensorOf(name: string, entry: unknown): TensorInfo {
  const tensor = `tensor ${quoted(name)}`;
  if (!isText(name)) fail(`${tensor}, whose name is not text`);
  if (!isObject(entry)) return fail(`${shown(entry)} for the ${tensor}`);
  const missing = KEYS.find((key) => !(key in entry)),
    more = Object.keys(entry).find((key) => !KEYS.includes(key));
  if (missing) return fail(`${tensor} without ${missing}`);
  if (more !== undefined) return fail(`${tensor} with the unknown key ${shown(more)}`);
  const { dtype, shape, data_offsets } = entry;
  if (typeof dtype !== "string") return fail(`${tensor} of type ${shown(dtype)}`);
  const width = WIDTHS.get(dtype) ??
    fail(`${tensor} of type ${shown(dtype)}`, OTHERS.test(dtype) ? CONVERT : undefined);
  if (!areCounts(shape)) return fail(`${tensor} whose shape is ${shown(shape)}`);
  if (!areCounts(data_offsets) || data_offsets.length !== 2) {
    return fail(`${tensor} in bytes ${shown(data_offsets)}`);
  }
  let size = width;
  for (const length of shape) {
    size *= length;
    if (!Number.isSafeInteger(size)) fail(`${tensor} of shape ${shown(shape)}`);
  }
  const [start, end] = data_offsets;
  if (end - start !== size) {
    fail(`${tensor} of type ${dtype} and shape ${shown(shape)} in bytes ${start} to ${end}`);
  }
  return { name, dtype, shape, start, end };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** No half of a surrogate pair may stand alone. */
const isText = (value: unknown): boolean => typeof value === "string" && value.isWellFormed();

const areCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);

/** A value in few words, however large or deep it is. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length <= 8 && areCounts(value) ? `[${value}]` : "a list";
  if (isObject(value)) return "an object";
  return typeof value === "string" ? JSON.stringify(value.slice(0, 60)) : `${value}`;
}

const quoted = (name: string): string => `'${shown(name).slice(1, -1)}'`;

/**
 * Parses the JSON header of a safetensors file. It refuses everything that the reference reader (Rust)
 * refuses. It also refuses duplicate names and unknown keys, which that reader accepts.
 */
import { widthOf } from "./tensor_values.ts";

/** A tensor's entry in the header. `start` and `end` count bytes from the end of the header. */
export interface TensorInfo {
  name: string;
  dtype: string;
  shape: number[];
  start: number;
  end: number;
}

export interface Header {
  /** In byte order. Together they cover all `total` bytes without gaps. */
  tensors: TensorInfo[];
  metadata: Record<string, string>;
}

/** The format's limit, in bytes. */
export const LONGEST_HEADER = 100_000_000;

/** Types of the format that are not supported. */
const OTHERS = /^(F4|F6_E[23]M[23]|F8_E\dM\d(FNUZ)?|C64)$/;

const CONVERT = "This type is not supported: save the weights as float32, float16 or bfloat16.";

const KEYS = ["dtype", "shape", "data_offsets"];

/**
 * A fault in a header. Its message is the `found` of the error; `todo` replaces the default advice if the
 * cause is not damage.
 */
export class HeaderFault extends Error {
  constructor(found: string, readonly todo?: string) {
    super(found);
  }
}

const fail = (found: string, todo?: string): never => {
  throw new HeaderFault(found, todo);
};

/** Parses the header in `bytes`, of a file with `total` bytes of tensors. Throws HeaderFault. */
export function parseHeader(bytes: Uint8Array, total: number): Header {
  const text = textOf(bytes),
    json = isObject(text.value) ? text.value : fail("a header that is not an object");
  const { metadata, entries } = partsOf(json);
  const tensors = entries.map(([name, entry]) => tensorOf(name, entry));
  // Every entry has been checked, so the header has exactly these names unless one is repeated.
  const names = entries.length * 4 + Object.keys(metadata).length + Number("__metadata__" in json);
  if (text.names !== names) fail("a header that has a name twice");
  if (/[-.eE]/.test(text.rest)) fail("a header with fractions or negative numbers");
  tensors.sort((a, b) => a.start - b.start || a.end - b.end);
  let next = 0;
  for (const { name, start, end } of tensors) {
    if (start !== next) {
      fail(`tensor ${quoted(name)} at byte ${start} instead of ${next}`);
    }
    next = end;
  }
  if (next > total) fail(`${total} bytes of tensors, though the header describes ${next}`);
  if (next < total) fail(`${total - next} bytes after the last tensor`);
  return { tensors, metadata };
}

/**
 * Parses JSON. Also returns two things that the parsed value hides: how many names the text has, and the text
 * outside of strings.
 */
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
  const width = widthOf(dtype) ??
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

/** Returns whether a value is a string without a lone surrogate. */
const isText = (value: unknown): boolean => typeof value === "string" && value.isWellFormed();

const areCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);

/** Returns a short description of a value, however large or deep it is. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length <= 8 && areCounts(value) ? `[${value}]` : "a list";
  if (isObject(value)) return "an object";
  return typeof value === "string" ? JSON.stringify(value.slice(0, 60)) : `${value}`;
}

const quoted = (name: string): string => `'${shown(name).slice(1, -1)}'`;

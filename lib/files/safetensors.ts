/**
 * Reads and writes safetensors files (Hugging Face): 8 bytes little-endian header length, JSON header, then
 * the tensors' bytes. Floats become float32; integers become int32 or bytes. A value that this would change
 * is refused.
 */
import { badInput } from "../errors.ts";
import { readLargeFile } from "./large.ts";
import { requireNoPointer } from "./lfs.ts";
import { type Header, HeaderFault, LONGEST_HEADER, parseHeader } from "./safetensors_header.ts";
import { type TensorData, valuesIn } from "./tensor_values.ts";

export type { TensorData };

/** A tensor as plain values in row-major order. */
export interface RawTensor {
  /** Length of each axis. */
  shape: number[];
  /** The values: float32, int32, or bytes. */
  data: TensorData;
}

export interface SafetensorsFile {
  tensors: Record<string, RawTensor>;
  metadata: Record<string, string>;
}

/**
 * Returns the start of a safetensors file: all that comes before the tensors' bytes, in the record's order.
 */
export function safetensorsStart(
  tensors: Record<string, RawTensor>,
  metadata: Record<string, string> = {},
): Uint8Array<ArrayBuffer> {
  let offset = 0;
  const infos = Object.entries(tensors).map(([name, { shape, data }]) => {
    const dtype = data instanceof Float32Array ? "F32" : data instanceof Int32Array ? "I32" : "U8";
    return [name, { dtype, shape, data_offsets: [offset, offset += data.byteLength] }] as const;
  });
  const header = { __metadata__: metadata, ...Object.fromEntries(infos) };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8; // padded with spaces, so that the data is aligned
  const bytes = new Uint8Array(8 + headerLength).fill(32);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(json, 8);
  return bytes;
}

/** Returns the bytes of a safetensors file. Tensors keep the order of the record. */
export function encodeSafetensors(
  tensors: Record<string, RawTensor>,
  metadata: Record<string, string> = {},
): Uint8Array {
  const start = safetensorsStart(tensors, metadata), parts = Object.values(tensors);
  const bytes = new Uint8Array(parts.reduce((sum, { data }) => sum + data.byteLength, start.length));
  bytes.set(start);
  let at = start.length;
  for (const { data } of parts) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * Decodes the bytes of a safetensors file; `at` names the file in errors. A tensor that needs no conversion
 * is a view of the bytes if they are aligned, as the usual writers make them. Throws UndertoneError if the
 * file is damaged or a value is too large.
 */
export function decodeSafetensors(bytes: Uint8Array, at: string): SafetensorsFile {
  requireNoPointer(bytes, at);
  const length = headerLength(bytes, at), body = bytes.subarray(8 + length);
  const { tensors, metadata } = headerOf(bytes.subarray(8, 8 + length), body.length, at);
  const decoded = tensors.map(({ name, dtype, shape, start, end }) => {
    const data = valuesIn(dtype, body.subarray(start, end));
    if (typeof data === "number") throw tooLarge(name, data, at);
    return [name, { shape, data }] as const;
  });
  return { tensors: Object.fromEntries(decoded), metadata }; // `fromEntries` is safe for a tensor named __proto__
}

function headerLength(bytes: Uint8Array, at: string): number {
  if (bytes.length < 8) throw damaged(`${bytes.length} bytes`, at);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > Math.min(bytes.length - 8, LONGEST_HEADER)) {
    throw damaged(`a header of ${length} bytes in a file of ${bytes.length}`, at);
  }
  return length;
}

function headerOf(bytes: Uint8Array, total: number, at: string): Header {
  try {
    return parseHeader(bytes, total);
  } catch (error) {
    if (error instanceof HeaderFault) throw damaged(error.message, at, error.todo);
    throw error;
  }
}

const damaged = (
  found: string,
  at: string,
  todo = "The file is damaged or not a safetensors file: write or fetch it again.",
) => badInput({ expected: "a safetensors file", found, at, todo });

const tooLarge = (name: string, value: number, at: string) =>
  badInput({
    expected: "integers within 32 bits and floats within the range of float32",
    found: `${value} in the tensor '${name}'`,
    at,
    todo: "Larger values are not supported: save the file without this tensor.",
  });

/** Reads and decodes a file. Throws UndertoneError if it can't be read or is damaged. */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readLargeFile(path);
  } catch (cause) {
    const found = cause instanceof Deno.errors.NotFound ? "no file" : `an unreadable one (${cause})`;
    throw badInput({ expected: "a safetensors file", found, at: path, todo: "Check the path." }, cause);
  }
  return decodeSafetensors(bytes, path);
}

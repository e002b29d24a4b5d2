/**
 * The safetensors file format (Hugging Face): 8 bytes little-endian header length, JSON header, then the tensors' bytes.
 * Every bound is checked on reading; F16 and BF16 are widened to float32.
 */
import { badInput } from "../errors.ts";
import { readLargeFile } from "./large.ts";

export type TensorData = Float32Array | Int32Array | Uint8Array;

/** A tensor as plain values, row-major. */
export interface RawTensor {
  shape: number[];
  data: TensorData;
}

export interface SafetensorsFile {
  tensors: Record<string, RawTensor>;
  metadata: Record<string, string>;
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

const BYTES: Record<string, number> = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1, BOOL: 1 };

/** Bytes of a safetensors file. Tensors in the order of the record, metadata as given. */
export function encodeSafetensors(
  tensors: Record<string, RawTensor>,
  metadata: Record<string, string> = {},
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const dtype = data instanceof Float32Array ? "F32" : data instanceof Int32Array ? "I32" : "U8";
    header[name] = { dtype, shape, data_offsets: [offset, offset += data.byteLength] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8; // padded with spaces, so that the data is aligned
  const bytes = new Uint8Array(8 + headerLength + offset).fill(32, 8 + json.length, 8 + headerLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(json, 8);
  let at = 8 + headerLength;
  for (const { data } of Object.values(tensors)) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * Tensors and metadata of a safetensors file's bytes; `at` names the file in errors. Tensors that need no widening are views
 * of the bytes where these are aligned, as in all files of the usual writers. Throws UndertoneError.
 */
export function decodeSafetensors(bytes: Uint8Array, at: string): SafetensorsFile {
  const fail = (found: string): never => {
    throw badInput({
      expected: "a safetensors file",
      found,
      at,
      todo: "The file is damaged or of another kind: write or fetch it again.",
    });
  };
  if (bytes.length < 8) fail(`${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  if (headerLength > bytes.length - 8) fail(`a header of ${headerLength} bytes in a file of ${bytes.length}`);
  let header: Record<string, HeaderEntry | Record<string, string>>;
  try {
    header = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + headerLength)),
    );
  } catch {
    return fail("a header that is not JSON");
  }
  const { __metadata__: metadata = {}, ...entries } = header as Record<string, never>;
  const body = bytes.subarray(8 + headerLength);
  const tensors: Record<string, RawTensor> = {};
  for (
    const [name, { dtype, shape, data_offsets }] of Object.entries(entries as Record<string, HeaderEntry>)
  ) {
    const width = BYTES[dtype] ?? fail(`tensor '${name}' of type ${dtype}`);
    const [start, end] = data_offsets;
    const size = shape.reduce((a, b) => a * b, 1);
    if (!(start >= 0 && end <= body.length && end - start === size * width)) {
      fail(`tensor '${name}' of shape [${shape}] in bytes ${start} to ${end} of ${body.length}`);
    }
    tensors[name] = { shape, data: decode(dtype, body.subarray(start, end), size) };
  }
  return { tensors, metadata };
}

/** Reads and decodes a file. Throws UndertoneError where it can't be read or is damaged. */
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

/** `size` values in `bytes`, which are copied first where they are not aligned for their type. */
function decode(dtype: string, bytes: Uint8Array, size: number): TensorData {
  const { buffer, byteOffset } = bytes.byteOffset % BYTES[dtype] === 0 ? bytes : bytes.slice();
  switch (dtype) {
    case "F32":
      return new Float32Array(buffer, byteOffset, size);
    case "F64":
      return Float32Array.from(new Float64Array(buffer, byteOffset, size));
    case "F16":
      return Float32Array.from(new Float16Array(buffer, byteOffset, size));
    case "BF16":
      return new Float32Array(
        Uint32Array.from(new Uint16Array(buffer, byteOffset, size), (half) => half << 16).buffer,
      );
    case "I32":
      return new Int32Array(buffer, byteOffset, size);
    case "I64":
      return Int32Array.from(new BigInt64Array(buffer, byteOffset, size), Number);
    default:
      return new Uint8Array(buffer, byteOffset, size);
  }
}

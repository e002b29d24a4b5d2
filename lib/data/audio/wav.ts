/**
 * Decodes RIFF/WAVE files: integers / 2^(bits-1), u8 centred on 128, G.711 as int16. We don't use
 * audio-decode here because it ignores the pad byte after odd chunks and scales positive samples by another
 * factor than negative ones.
 */
import { audioFault, type AudioWarning } from "./fault.ts";

/** Samples per channel, the file's rate in Hz, and warnings. */
export interface Decoded {
  channels: Float32Array[];
  rate: number;
  warnings: AudioWarning[];
}

interface Format {
  read: (view: DataView, offset: number) => number;
  bytes: number;
  channels: number;
  rate: number;
}

const EXTENSIBLE = 0xfffe;

/** Functions that read one sample, by format tag (1 integer, 3 float, 6 A-law, 7 mu-law) and bits. */
const READERS: Record<string, Format["read"]> = {
  "1/8": (view, at) => (view.getUint8(at) - 128) / 128,
  "1/16": (view, at) => view.getInt16(at, true) / 2 ** 15,
  "1/24": (view, at) => (view.getInt8(at + 2) * 65536 + view.getUint16(at, true)) / 2 ** 23,
  "1/32": (view, at) => view.getInt32(at, true) / 2 ** 31,
  "3/32": (view, at) => view.getFloat32(at, true),
  "3/64": (view, at) => view.getFloat64(at, true),
  "6/8": (view, at) => aLaw(view.getUint8(at)) / 2 ** 15,
  "7/8": (view, at) => muLaw(view.getUint8(at)) / 2 ** 15,
};

/** Decodes 8 bits of mu-law to int16 (ITU-T G.711). */
function muLaw(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = (((bits & 15) << 3) + 132 << ((bits >> 4) & 7)) - 132;
  return bits & 128 ? -magnitude : magnitude;
}

/** Decodes 8 bits of A-law to int16 (ITU-T G.711). */
function aLaw(code: number): number {
  const bits = code ^ 0x55;
  const segment = (bits >> 4) & 7;
  const mantissa = ((bits & 15) << 4) + 8;
  const magnitude = segment ? (mantissa + 256) << (segment - 1) : mantissa;
  return bits & 128 ? magnitude : -magnitude;
}

const tag = (bytes: Uint8Array, at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));

export const isWav = (bytes: Uint8Array): boolean => tag(bytes, 0) === "RIFF" && tag(bytes, 8) === "WAVE";

/**
 * Decodes a WAVE file. Returns undefined if READERS does not have its codec. Throws UndertoneError if the
 * file is damaged.
 */
export function decodeWav(bytes: Uint8Array, at: string): Decoded | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const damaged = (found: string) =>
    audioFault("damaged", { expected: "a WAVE file", found, at, todo: "Record or export it again." });
  let format: Format | undefined;
  for (let chunk = 12; chunk + 8 <= bytes.length;) {
    const id = tag(bytes, chunk);
    const size = view.getUint32(chunk + 4, true);
    const body = chunk + 8;
    if (id === "fmt ") {
      if (size < 16 || body + size > bytes.length) throw damaged(`a 'fmt ' chunk of ${size} bytes`);
      const kind = view.getUint16(body, true);
      const codec = kind === EXTENSIBLE && size >= 26 ? view.getUint16(body + 24, true) : kind;
      const bits = view.getUint16(body + 14, true);
      const read = READERS[`${codec}/${bits}`];
      if (!read) return undefined;
      const channels = view.getUint16(body + 2, true);
      if (channels === 0) throw damaged("0 channels");
      format = { read, bytes: bits / 8, channels, rate: view.getUint32(body + 4, true) };
    } else if (id === "data") {
      if (!format) throw damaged("a 'data' chunk before its 'fmt ' chunk");
      return readSamples(view, body, size, format);
    }
    chunk = body + size + size % 2; // chunks begin at even offsets
  }
  throw damaged("no 'data' chunk");
}

function readSamples(view: DataView, start: number, claimed: number, format: Format): Decoded {
  const { read, bytes, channels, rate } = format;
  const there = view.byteLength - start;
  // Programs that write to a pipe, or are killed, leave 0 or ffffffff as the size.
  const unknown = (claimed === 0 && there > 0) || claimed === 0xffffffff;
  const frame = bytes * channels;
  const length = Math.floor((unknown ? there : Math.min(claimed, there)) / frame);
  const warnings: AudioWarning[] = [];
  if (unknown) {
    warnings.push({ code: "size-unknown", detail: "data size unknown: read to the end of the file" });
  } else if (claimed > there) {
    const detail = `header claims ${Math.floor(claimed / frame)} samples, ${length} are there`;
    warnings.push({ code: "truncated", detail });
  }
  return {
    channels: Array.from({ length: channels }, (_, channel) => {
      const samples = new Float32Array(length);
      let offset = start + channel * bytes;
      for (let i = 0; i < length; i++, offset += frame) samples[i] = read(view, offset);
      return samples;
    }),
    rate,
    warnings,
  };
}

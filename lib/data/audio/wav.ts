/**
 * Decodes RIFF/WAVE files: integers / 2^(bits-1), u8 centred on 128, G.711 as int16. Also RF64 and BW64,
 * whose sizes have 64 bits, and RIFX, whose numbers are big-endian (ffmpeg 5 turns its samples into noise).
 * We don't use audio-decode here because it ignores the pad byte after odd chunks and scales positive samples
 * by another factor than negative ones.
 */
import { audioFault, type AudioWarning } from "./fault.ts";

/** Samples per channel, the file's rate in Hz, and warnings. */
export interface Decoded {
  channels: Float32Array[];
  rate: number;
  warnings: AudioWarning[];
}

/** How a sample is read. */
export interface Format {
  read: (view: DataView, offset: number, little: boolean) => number;
  little: boolean;
  bytes: number;
  channels: number;
  rate: number;
}

const EXTENSIBLE = 0xfffe;

/** Functions that read one sample, by format tag (1 integer, 3 float, 6 A-law, 7 mu-law) and bits. */
const READERS: Record<string, Format["read"]> = {
  "1/8": (view, at) => (view.getUint8(at) - 128) / 128,
  "1/16": (view, at, little) => view.getInt16(at, little) / 2 ** 15,
  "1/24": (view, at, little) =>
    (view.getInt8(little ? at + 2 : at) * 65536 + view.getUint16(little ? at : at + 1, little)) / 2 ** 23,
  "1/32": (view, at, little) => view.getInt32(at, little) / 2 ** 31,
  "3/32": (view, at, little) => view.getFloat32(at, little),
  "3/64": (view, at, little) => view.getFloat64(at, little),
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

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const tag = (bytes: Uint8Array, at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));

export const isWav = (bytes: Uint8Array): boolean =>
  ["RIFF", "RF64", "BW64", "RIFX"].includes(tag(bytes, 0)) && tag(bytes, 8) === "WAVE";

/**
 * Decodes a WAVE file. Returns undefined if READERS does not have its codec. Throws UndertoneError if the
 * file is damaged.
 */
export function decodeWav(bytes: Uint8Array, at: string): Decoded | undefined {
  const start = wavStart(bytes, at);
  if (start === undefined) return undefined;
  return readSamples(viewOf(bytes), start.body, start.size, start.format);
}

/** Where the samples of a WAVE file begin, how many bytes its header claims, and how a sample is read. */
export interface WavStart {
  format: Format;
  body: number;
  size: number;
}

/**
 * Reads the chunks of a WAVE file up to its samples. Returns undefined if READERS does not have its codec.
 * Throws UndertoneError if the file is damaged.
 */
export function wavStart(bytes: Uint8Array, at: string): WavStart | undefined {
  const view = viewOf(bytes);
  const damaged = (found: string) =>
    audioFault("damaged", { expected: "a WAVE file", found, at, todo: "Record or export it again." });
  const little = tag(bytes, 0) !== "RIFX";
  let format: Format | undefined, size64: number | undefined;
  for (let chunk = 12; chunk + 8 <= bytes.length;) {
    const id = tag(bytes, chunk);
    const size = view.getUint32(chunk + 4, little);
    const body = chunk + 8;
    if (id === "fmt ") {
      if (size < 16 || body + size > bytes.length) throw damaged(`a 'fmt ' chunk of ${size} bytes`);
      const kind = view.getUint16(body, little);
      const codec = kind === EXTENSIBLE && size >= 26 ? view.getUint16(body + 24, little) : kind;
      const bits = view.getUint16(body + 14, little);
      const container = 8 * Math.ceil(bits / 8); // 20 bits are the upper 20 of 24
      const read = READERS[`${codec}/${codec === 1 ? container : bits}`];
      const channels = view.getUint16(body + 2, little);
      if (channels === 0) throw damaged("0 channels");
      if (!read && !little) throw damaged(`a big-endian one of format ${codec} with ${bits} bits`);
      if (!read && !isAdpcm(codec, channels, view, body, size)) {
        throw damaged(`ADPCM in ${channels} channels whose blocks can't hold their samples`);
      }
      if (!read) return undefined;
      format = { read, little, bytes: container / 8, channels, rate: view.getUint32(body + 4, little) };
    } else if (id === "ds64" && size >= 16 && body + 16 <= bytes.length) { // EBU Tech 3306: RIFF size, data size
      size64 = Number(view.getBigUint64(body + 8, little));
    } else if (id === "data") {
      if (!format) throw damaged("a 'data' chunk before its 'fmt ' chunk");
      return { format, body, size: size === 0xffffffff ? size64 ?? size : size };
    }
    chunk = body + size + size % 2; // chunks begin at even offsets
  }
  throw damaged("no 'data' chunk");
}

/**
 * Returns whether the library can decode blocks of ADPCM: each channel has a header in the block, and 4 bits
 * for each further sample. Other formats pass. The block's samples are told after the 16 bytes of every
 * format.
 */
function isAdpcm(codec: number, channels: number, view: DataView, body: number, size: number): boolean {
  const [header, first] = { 2: [7, 2], 17: [4, 1] }[codec] ?? [0, 0];
  if (header === 0) return true;
  const block = view.getUint16(body + 12, true);
  const told = size >= 20 && view.getUint16(body + 16, true) >= 2 ? view.getUint16(body + 18, true) : 0;
  const room = first + (block / channels - header) * 2;
  return (codec === 17 || channels <= 2) && room >= first && told <= room;
}

/** Programs that write to a pipe, or are killed, leave 0 or ffffffff as the size. */
export const isUnknownSize = (claimed: number): boolean => claimed === 0 || claimed === 0xffffffff;

export const SIZE_UNKNOWN: AudioWarning = {
  code: "size-unknown",
  detail: "data size unknown: read to the end of the file",
};

/** Returns the warning about a file with fewer samples than its header claims. */
export const truncated = (claimed: number, there: number): AudioWarning => ({
  code: "truncated",
  detail: `header claims ${claimed} samples, ${there} are there`,
});

function readSamples(view: DataView, start: number, claimed: number, format: Format): Decoded {
  const { read, little, bytes, channels, rate } = format;
  const there = view.byteLength - start;
  const unknown = isUnknownSize(claimed) && there > 0;
  const frame = bytes * channels;
  const length = Math.floor((unknown ? there : Math.min(claimed, there)) / frame);
  const warnings: AudioWarning[] = [];
  if (unknown) warnings.push(SIZE_UNKNOWN);
  else if (claimed > there) warnings.push(truncated(Math.floor(claimed / frame), length));
  return {
    channels: Array.from({ length: channels }, (_, channel) => {
      const samples = new Float32Array(length);
      let offset = start + channel * bytes;
      for (let i = 0; i < length; i++, offset += frame) samples[i] = read(view, offset, little);
      return samples;
    }),
    rate,
    warnings,
  };
}

/// <reference lib="dom" />
/** Decodes files in the browser: WAVE by our own decoder, so that answers are those of `infer`. */
import { secondsSaid } from "../../../lib/data/audio/longest.ts";
import { type Decoded, decodeWav, isWav } from "../../../lib/data/audio/wav.ts";
import { requireUtterance } from "./predictor.ts";

/** A decoded recording with its file. */
export interface Sound extends Decoded {
  name: string;
  bytes: Blob;
  /** Why an answer may differ a little from that of `infer`, as a sentence. */
  approximate?: string;
}

/** Most bytes of a file, and bytes at its start and end that may tell how long it is. */
const MOST = 2 ** 26, PART = 2 ** 16;
/** Rate at which the browser decodes, in Hz: no less than that of usual recordings. */
const RATE = 48_000;

/** Decodes a file. Throws an error that says why it can't. */
export async function decodeFile(file: File): Promise<Sound> {
  const { name, size } = file, bytes: Blob = file;
  if (size === 0) throw new Error(`${name} is empty. Record or copy it again.`);
  if (size > MOST) {
    throw new Error(`${name} has ${Math.round(size / 1e6)} MB, which is no single utterance. Cut it.`);
  }
  const content = new Uint8Array(await file.arrayBuffer());
  requireUtterance(secondsSaid(content.subarray(0, PART), content.subarray(-PART), size) ?? 0, name);
  const wav = isWav(content) ? decodeWav(content, name) : undefined;
  if (wav) return { ...wav, name, bytes };
  try {
    const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(content.buffer);
    const channels = Array.from({ length: sound.numberOfChannels }, (_, i) => sound.getChannelData(i));
    const approximate =
      "The browser decoded this file; deno task infer may differ by a little. WAV files are equal.";
    return { channels, rate: sound.sampleRate, warnings: [], name, bytes, approximate };
  } catch {
    throw new Error(
      `${name} is no recording that this browser can decode. Convert it to WAV, or choose another.`,
    );
  }
}

/** Encodes mono samples as a WAVE file of 32-bit floats. */
export function wavBytes(samples: Float32Array<ArrayBuffer>, rate: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(44 + 4 * samples.length), view = new DataView(bytes.buffer);
  ["RIFF", "WAVEfmt ", "data"].forEach((tag, i) => bytes.set(new TextEncoder().encode(tag), [0, 8, 36][i]));
  const numbers = [[4, bytes.length - 8], [16, 16], [24, rate], [28, 4 * rate], [40, 4 * samples.length]];
  for (const [at, value] of numbers) view.setUint32(at, value, true);
  for (const [at, value] of [[20, 3], [22, 1], [32, 4], [34, 32]]) view.setUint16(at, value, true);
  samples.forEach((x, i) => view.setFloat32(44 + 4 * i, x, true));
  return bytes;
}

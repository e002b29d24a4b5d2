/** Loads recordings as encoders need them: 16 kHz, one channel, in [-1, 1]. */
import { UndertoneError } from "../../errors.ts";
import { fromProject } from "../../paths.ts";
import { type AudioFault, audioFault, type AudioWarning } from "./fault.ts";
import { decodeAudio, type Decoded } from "./decode.ts";
import { conversion, decodeByFfmpeg } from "./ffmpeg.ts";
import { foreignKind } from "./foreign.ts";
import { admitted, requireSeconds } from "./longest.ts";
import { resample, SAMPLE_RATE } from "./resample.ts";
import { decodeVideo, isVideo } from "./video.ts";

/** Samples at 16 kHz, and warnings about their file. */
export interface AudioClip {
  samples: Float32Array;
  warnings: AudioWarning[];
}

/** Values beyond this are no samples of full scale 1. */
export const LARGEST = 8; // decoders overshoot 1 slightly; integers written as floats exceed it by far
const FULL_SCALE = 32767 / 32768;
const SHORTEST = SAMPLE_RATE * 0.025; // one frame of speech

/**
 * Loads a recording or video as samples at 16 kHz mono in [-1, 1], with channels averaged. Throws
 * UndertoneError if there are no usable samples; its `cause` is an AudioFault.
 *
 * @example
 * ```ts
 * import { clipPath, loadAudio, loadDataset } from "@undertone/undertone";
 *
 * const { root, rows } = await loadDataset("sample");
 * const samples = await loadAudio(clipPath(root, rows.find(({ audio }) => audio)!.audio!));
 * console.log(samples.length / 16000, "s");
 * ```
 */
export const loadAudio = async (path: string): Promise<Float32Array> =>
  (await readClip(fromProject(path))).samples;

/** Does the same and returns warnings: truncated, of unknown size, shorter than 25 ms, silent, clipped. */
export async function readClip(path: string): Promise<AudioClip> {
  await requireClipFile(path); // before it is opened: opening a pipe could wait for ever
  using _ = await admitted(path);
  const bytes = await opened(path, () => Deno.readFile(path));
  const { channels, rate, warnings } = await decode(bytes, path);
  const reject = (fault: AudioFault, expected: string, found: string, todo: string) =>
    audioFault(fault, { expected, found, at: path, todo });
  requireRate(rate, path);
  requireSeconds(channels[0].length / rate, path);
  const mono = average(channels);
  const peak = mono.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (!Number.isFinite(peak)) {
    const wrong = mono.reduce((count, x) => count + Number(!Number.isFinite(x)), 0);
    const found = `${wrong} of ${mono.length} that are not, the first at index ${
      mono.findIndex((x) => !Number.isFinite(x))
    }`;
    throw reject(
      "non-finite-samples",
      "finite samples",
      found,
      "Export it again, preferably as 16-bit wav or flac.",
    );
  }
  if (peak > LARGEST) {
    const found = `values up to ${peak}`;
    throw reject("out-of-scale", "samples in [-1, 1]", found, "Divide float samples by their full scale.");
  }
  const samples = resample(mono, rate).map((x) => Math.max(-1, Math.min(1, x)));
  if (samples.length === 0) {
    throw reject("no-samples", "a recording", `${mono.length} samples at ${rate} Hz`, "Record it again.");
  }
  return { samples, warnings: [...warnings, ...oddities(mono, samples, peak)] };
}

/** Throws UndertoneError unless a rate is one that recordings have. */
export function requireRate(rate: number, at: string): void {
  if (rate >= 1000 && rate <= 768000) return;
  const todo = "Record or export it again.";
  throw audioFault("damaged", { expected: "a rate of 1 to 768 kHz", found: `${rate} Hz`, at, todo });
}

/** Decodes by content. What no decoder here reads goes to ffmpeg. */
async function decode(bytes: Uint8Array, path: string): Promise<Decoded> {
  if (isVideo(bytes)) return await decodeVideo(path);
  if (foreignKind(bytes) !== undefined) return await decodeByFfmpeg(path, A_RECORDING);
  try {
    return await decodeAudio(bytes, path);
  } catch (error) {
    if (!(error instanceof UndertoneError && error.cause === "unsupported")) throw error;
    return await decodeByFfmpeg(path, A_RECORDING).catch((other) => {
      throw other.cause === "damaged" ? error : other;
    });
  }
}

const A_RECORDING = "a recording of a kind that ffmpeg reads";

/** Most bytes of a clip's file: 18 hours of mono at 16 kHz. */
export const MOST_CLIP_BYTES = 2 ** 31 - 1;

/** Throws UndertoneError unless the path is a file that memory can hold. Returns its size. */
export async function requireClipFile(path: string, most = MOST_CLIP_BYTES): Promise<number> {
  const { isFile, size } = await opened(path, () => Deno.stat(path));
  if (!isFile) throw unusable("unreadable", path, "a folder, a pipe or a device", "Name a file.");
  if (size <= most) return size;
  const found = `a file of ${(size / 2 ** 30).toFixed(1)} GiB, more than 2`;
  throw unusable("too-large", path, found, `Cut it into parts, or make it smaller: \`${conversion(path)}\`.`);
}

/** Does something with a file. Throws UndertoneError that says why it can't be read. */
export async function opened<T>(path: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    const missing = error instanceof Deno.errors.NotFound;
    const found = missing
      ? "no file"
      : `one that can't be read (${error instanceof Error ? error.message : error})`;
    throw unusable(missing ? "missing" : "unreadable", path, found, "Check the path and the permissions.");
  }
}

const unusable = (fault: AudioFault, at: string, found: string, todo: string) =>
  audioFault(fault, { expected: "a recording", found, at, todo });

function average(channels: Float32Array[]): Float32Array {
  if (channels.length === 1) return channels[0];
  return channels[0].map((_, i) => channels.reduce((sum, channel) => sum + channel[i], 0) / channels.length);
}

/** Returns samples at 16 kHz as a clip, with the warnings that a file with the same samples has. */
export function clipOf(samples: Float32Array): AudioClip {
  const peak = samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return { samples, warnings: oddities(samples, samples, peak) };
}

function oddities(mono: Float32Array, samples: Float32Array, peak: number): AudioWarning[] {
  const warnings: AudioWarning[] = [];
  if (samples.length < SHORTEST) {
    const detail = `${samples.length / SAMPLE_RATE * 1000} ms, less than one frame of 25 ms`;
    warnings.push({ code: "too-short", detail });
  }
  if (peak === 0) warnings.push({ code: "silent", detail: "all samples are 0" });
  const share = mono.reduce((count, x) => count + Number(Math.abs(x) >= FULL_SCALE), 0) / mono.length;
  if (share > 0.001) {
    warnings.push({ code: "clipped", detail: `${(100 * share).toFixed(1)} % of the samples at full scale` });
  }
  return warnings;
}

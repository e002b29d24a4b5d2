/** Reads a sound of any length piece by piece, at 16 kHz mono: a file, or bytes that arrive. */
import { firstNotFinite } from "../../finite.ts";
import { LARGEST } from "./clip.ts";
import { audioFault, type AudioWarning } from "./fault.ts";
import { streamByFfmpeg } from "./ffmpeg.ts";
import { opened, readClip, requireClipFile } from "./load.ts";
import { secondsToldBy } from "./longest.ts";
import { resampler, SAMPLE_RATE } from "./resample.ts";
import { isWav } from "./wav.ts";
import { type MonoStream, openWav } from "./wav_stream.ts";

/** A sound that is read once, from its start to its end. */
export interface Sound {
  /** Samples at 16 kHz in [-1, 1]: those of `readClip`, except for the last bit of what ffmpeg decodes. */
  samples: AsyncIterable<Float32Array>;
  /** Warnings about the file; complete once all samples are read. */
  warnings: AudioWarning[];
}

/**
 * Longest recording that is decoded as a whole although ffmpeg could decode it piece by piece, in seconds.
 */
const WHOLE = 600;
/** The same for a file that does not tell its length, in bytes. */
const LARGE = 2 ** 24;

/**
 * Opens a recording of any length. A WAVE file is read piece by piece, and so is what ffmpeg decodes if it is
 * installed; other files of at most an hour are decoded as a whole. Throws UndertoneError whose `cause` is an
 * AudioFault.
 */
export async function openSound(path: string): Promise<Sound> {
  // Before it is opened: opening a pipe could wait for ever.
  const size = await requireClipFile(path, Infinity);
  if (await opened(path, () => startsAsWav(path))) {
    const file = await opened(path, () => Deno.open(path)), wav = await openWav(file.readable, path);
    if (wav) return soundOf(wav, path);
  }
  const seconds = await secondsToldBy(path);
  if (seconds === undefined ? size > LARGE : seconds > WHOLE) {
    const warnings: AudioWarning[] = [], bytes = streamByFfmpeg(path, warnings);
    // What ffmpeg can't read is refused below, with the reason.
    const stream = bytes && await openWav(bytes, path, { isPipe: true }).catch(() => undefined);
    if (stream) return soundOf({ ...stream, warnings }, path);
  }
  const { samples, warnings } = await readClip(path);
  return { samples: pieces(samples), warnings };
}

/**
 * Opens a sound whose bytes arrive: a WAVE file, or with `raw` bare samples of 16 bits, little-endian, at
 * 16 kHz. `at` names it in errors. Throws UndertoneError.
 */
export async function receiveSound(
  bytes: AsyncIterable<Uint8Array>,
  at: string,
  { raw = false }: { raw?: boolean } = {},
): Promise<Sound> {
  const wav = await openWav(raw ? withHeader(bytes) : bytes, at, { isPipe: true });
  if (wav === undefined) {
    throw audioFault("unsupported", {
      expected: "a WAVE stream of samples",
      found: "one that is compressed",
      at,
      todo: "Convert it: `ffmpeg -i <file> -ar 16000 -ac 1 -f wav -`.",
    });
  }
  return soundOf(wav, at);
}

async function startsAsWav(path: string): Promise<boolean> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(12);
  return isWav(bytes.subarray(0, await file.read(bytes) ?? 0));
}

/** Puts the header of a WAVE file of unknown size before bare samples. */
async function* withHeader(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const header = new Uint8Array(44), view = new DataView(header.buffer);
  ["RIFF", "WAVEfmt ", "data"].forEach((tag, i) => header.set(new TextEncoder().encode(tag), [0, 8, 36][i]));
  [[4, 0xffffffff], [16, 16], [24, SAMPLE_RATE], [28, 2 * SAMPLE_RATE], [40, 0xffffffff]]
    .forEach(([at, value]) => view.setUint32(at, value, true));
  [[20, 1], [22, 1], [32, 2], [34, 16]].forEach(([at, value]) => view.setUint16(at, value, true));
  yield header;
  yield* bytes;
}

function soundOf({ rate, samples, warnings }: MonoStream, at: string): Sound {
  return { samples: at16kHz(samples, rate, at), warnings };
}

async function* at16kHz(
  samples: AsyncIterable<Float32Array>,
  rate: number,
  at: string,
): AsyncGenerator<Float32Array> {
  const { next, end } = resampler(rate), within = (x: number) => Math.max(-1, Math.min(1, x));
  let before = 0;
  for await (const piece of samples) {
    requireSamples(piece, before, at);
    before += piece.length;
    yield next(piece).map(within);
  }
  yield end().map(within);
  if (before > 0) return;
  const todo = "It is empty, cut off or damaged: record or fetch it again.";
  throw audioFault("no-samples", { expected: "a recording", found: "one without samples", at, todo });
}

function requireSamples(samples: Float32Array, before: number, at: string): void {
  const place = firstNotFinite(samples);
  if (place >= 0) {
    throw audioFault("non-finite-samples", {
      expected: "finite samples",
      found: `${samples[place]} at index ${before + place}`,
      at,
      todo: "Export it again, preferably as 16-bit wav or flac.",
    });
  }
  const loud = samples.find((x) => Math.abs(x) > LARGEST);
  if (loud === undefined) return;
  throw audioFault("out-of-scale", {
    expected: "samples in [-1, 1]",
    found: `the value ${loud}`,
    at,
    todo: "Divide float samples by their full scale.",
  });
}

async function* pieces(samples: Float32Array): AsyncGenerator<Float32Array> {
  for (let from = 0; from < samples.length; from += SAMPLE_RATE) {
    yield samples.subarray(from, from + SAMPLE_RATE);
  }
}

/** Decodes a WAVE file while its bytes arrive, so that a long one is never in memory as a whole. */
import { requireRate } from "./clip.ts";
import { audioFault, type AudioWarning } from "./fault.ts";
import { isUnknownSize, isWav, SIZE_UNKNOWN, truncated, type WavStart, wavStart } from "./wav.ts";

/** Most bytes before the samples: pictures and notes may be there. */
const MOST_BEFORE = 2 ** 24;

/** Samples with their channels averaged, at the file's own rate. */
export interface MonoStream {
  rate: number;
  samples: AsyncIterable<Float32Array>;
  /** Warnings about the file; complete once all samples are read. */
  warnings: AudioWarning[];
}

/**
 * Reads the start of a WAVE file, and gives its samples as they come. Returns undefined if this reader does
 * not have its codec. An unknown size is odd in a file, but not in what comes through a pipe. Throws
 * UndertoneError if the file is damaged or of another kind.
 */
export async function openWav(
  bytes: AsyncIterable<Uint8Array>,
  at: string,
  { isPipe = false }: { isPipe?: boolean } = {},
): Promise<MonoStream | undefined> {
  const parts = bytes[Symbol.asyncIterator](), warnings: AudioWarning[] = [];
  let isOpen = false;
  try {
    const head = await untilSamples(parts, at), start = wavStart(head, at);
    if (start === undefined) return undefined;
    const { rate } = start.format;
    requireRate(rate, at);
    isOpen = true;
    return {
      rate,
      warnings,
      samples: samplesFrom(head.subarray(start.body), parts, start, warnings, isPipe),
    };
  } finally {
    if (!isOpen) await parts.return?.(); // closes the file, or ends the program
  }
}

/** Reads until the chunk with the samples begins. Throws UndertoneError if there is none. */
async function untilSamples(parts: AsyncIterator<Uint8Array>, at: string): Promise<Uint8Array> {
  let head = new Uint8Array(0);
  const fail = (found: string) =>
    audioFault(head.length === 0 ? "empty-file" : "not-audio", {
      expected: "a recording as a WAVE stream",
      found,
      at,
      todo: "Convert it: `ffmpeg -i <file> -ar 16000 -ac 1 -f wav -`.",
    });
  while (!hasSamples(head)) {
    const { value, done } = await parts.next();
    if (done) {
      throw fail(head.length === 0 ? "nothing" : isWav(head) ? "one without samples" : "another kind");
    }
    head = joined(head, value);
    if (head.length >= 12 && !isWav(head)) throw fail("another kind of file");
    if (head.length > MOST_BEFORE) throw fail(`${MOST_BEFORE / 2 ** 20} MB before the first sample`);
  }
  return head;
}

/** Returns whether the header of the chunk `data` is among the bytes. */
function hasSamples(bytes: Uint8Array): boolean {
  if (bytes.length < 20) return false;
  // RIFX has big-endian numbers, RIFF little-endian ones.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), little = bytes[3] !== 0x58;
  for (let chunk = 12; chunk + 8 <= bytes.length;) {
    if (String.fromCharCode(...bytes.subarray(chunk, chunk + 4)) === "data") return true;
    const size = view.getUint32(chunk + 4, little);
    chunk += 8 + size + size % 2;
  }
  return false;
}

async function* samplesFrom(
  first: Uint8Array,
  parts: AsyncIterator<Uint8Array>,
  { format, size }: WavStart,
  warnings: AudioWarning[],
  isPipe: boolean,
): AsyncGenerator<Float32Array> {
  const frame = format.bytes * format.channels, isUnknown = isUnknownSize(size);
  const wanted = isUnknown ? Infinity : size; // after it come chunks of another kind
  let rest = first, read = 0, done: boolean | undefined = false;
  try {
    while (!done) {
      const whole = Math.min(rest.length - rest.length % frame, Math.floor((wanted - read) / frame) * frame);
      if (whole > 0) yield monoOf(rest.subarray(0, whole), format);
      read += whole;
      rest = rest.subarray(whole);
      if (read + frame > wanted) return;
      const next = await parts.next();
      done = next.done;
      if (!done) rest = joined(rest, next.value);
    }
    if (isUnknown) warnings.push(...isPipe ? [] : [SIZE_UNKNOWN]);
    else warnings.push(truncated(Math.floor(size / frame), read / frame));
  } finally {
    await parts.return?.();
  }
}

/** Returns the mean of the channels of whole frames. */
function monoOf(
  bytes: Uint8Array,
  { read, little, bytes: width, channels }: WavStart["format"],
): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const mono = new Float32Array(bytes.length / (width * channels));
  for (let i = 0, at = 0; i < mono.length; i++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++, at += width) {
      sum += Math.fround(read(view, at, little));
    }
    mono[i] = sum / channels;
  }
  return mono;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Bounds the memory of reading: no recording is too long, and large files are read one at a time. */
import { audioFault } from "./fault.ts";

/** Longest recording, in seconds. */
export const LONGEST = 3600;

/** Smaller files are read, and their frames counted, without a look at their headers. */
const SMALL = 2 ** 20;
/** Bytes read of the start and of the end. */
const PART = 2 ** 16;
/** Larger files are read one at a time. */
const LARGE = 2 ** 25;
let lastLarge: Promise<void> = Promise.resolve();

/**
 * Waits until the file may be read; dispose of the result when it has been. Throws UndertoneError if its
 * headers say that it is too long. A file that can't be opened passes, because the reader says why.
 */
export async function admitted(path: string): Promise<Disposable> {
  const ends = await endsOf(path).catch(() => undefined);
  if (ends) requireSeconds(secondsSaid(ends.head, ends.tail, ends.size) ?? 0, path);
  const { promise, resolve } = Promise.withResolvers<void>();
  if (ends && ends.size > LARGE) {
    const before = lastLarge;
    lastLarge = promise;
    await before;
  }
  return { [Symbol.dispose]: resolve };
}

/** Throws UndertoneError if a recording has more than `LONGEST` seconds. */
export function requireSeconds(seconds: number, at: string): void {
  if (seconds <= LONGEST) return;
  throw audioFault("too-long", {
    expected: `a recording of at most ${LONGEST / 60} minutes`,
    found: `one of ${Math.round(seconds / 60)} minutes`,
    at,
    todo: "Cut it into utterances, or into parts, e.g. with " +
      "`ffmpeg -i <file> -f segment -segment_time 600 part%03d.flac`.",
  });
}

/**
 * Returns the seconds that a file's headers tell or imply; undefined if they tell none or it can't be read.
 */
export async function secondsToldBy(path: string): Promise<number | undefined> {
  const ends = await endsOf(path, 0).catch(() => undefined);
  return ends && secondsSaid(ends.head, ends.tail, ends.size);
}

async function endsOf(path: string, least = SMALL) {
  const { isFile, size } = await Deno.stat(path);
  if (!isFile || size < least) return undefined; // opening a pipe could wait for ever
  using file = await Deno.open(path);
  const read = async (at: number) => {
    await file.seek(at, Deno.SeekMode.Start);
    const bytes = new Uint8Array(PART);
    return bytes.subarray(0, await file.read(bytes) ?? 0);
  };
  return { head: await read(0), tail: await read(Math.max(0, size - PART)), size };
}

/**
 * Returns the seconds that a file's headers tell or imply, from its first bytes, its last bytes and its size;
 * undefined for a format that is not known here.
 */
export function secondsSaid(head: Uint8Array, tail: Uint8Array, size: number): number | undefined {
  const start = text(head, 0, 4);
  if (start === "RIFF" && text(head, 8, 12) === "WAVE") return ofWav(head, size);
  if (start === "fLaC") return ofFlac(head);
  if (start === "OggS") return ofOgg(head, tail);
  if (text(head, 4, 8) === "ftyp") return ofMp4(head) ?? ofMp4(tail);
  return ofMp3(head, size);
}

const text = (bytes: Uint8Array, from: number, to: number) =>
  String.fromCharCode(...bytes.subarray(from, to));
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Returns the place of four letters in `bytes`, or undefined. */
function placeOf(letters: string, bytes: Uint8Array, from = 0): number | undefined {
  const [a, b, c, d] = new TextEncoder().encode(letters);
  for (let i = bytes.indexOf(a, from); i >= 0; i = bytes.indexOf(a, i + 1)) {
    if (bytes[i + 1] === b && bytes[i + 2] === c && bytes[i + 3] === d) return i;
  }
}

/** The chunk `fmt ` gives channels, rate and bits; a compressed kind has no bits, but bytes per second. */
function ofWav(head: Uint8Array, size: number): number | undefined {
  const place = placeOf("fmt ", head);
  if (place === undefined || place + 24 > head.length) return undefined;
  const view = viewOf(head),
    uncompressed = view.getUint32(place + 12, true) *
      view.getUint16(place + 10, true) * view.getUint16(place + 22, true) / 8;
  const perSecond = uncompressed || view.getUint32(place + 16, true);
  return perSecond > 0 ? size / perSecond : undefined;
}

/** STREAMINFO gives the rate in 20 bits and the number of samples in 36 (RFC 9639, section 8.2). */
function ofFlac(head: Uint8Array): number | undefined {
  const view = viewOf(head), rate = view.getUint32(18) >>> 12;
  return rate > 0 ? ((head[21] & 15) * 2 ** 32 + view.getUint32(22)) / rate : undefined;
}

/** The last page tells the number of samples until then: at 48 kHz in Opus, at the file's rate in Vorbis. */
function ofOgg(head: Uint8Array, tail: Uint8Array): number | undefined {
  const rate = text(head, 28, 36) === "OpusHead"
    ? 48_000
    : text(head, 29, 35) === "vorbis"
    ? viewOf(head).getUint32(40, true)
    : 0;
  let last = 0;
  for (let page = placeOf("OggS", tail); page !== undefined; page = placeOf("OggS", tail, page + 4)) {
    if (page + 14 <= tail.length) last = Math.max(last, Number(viewOf(tail).getBigInt64(page + 6, true)));
  }
  return rate > 0 ? last / rate : undefined;
}

/** The box `mvhd` gives a time scale and a duration, with 32 or 64 bits. */
function ofMp4(part: Uint8Array): number | undefined {
  const box = placeOf("mvhd", part);
  if (box === undefined || box + 36 > part.length) return undefined;
  const view = viewOf(part), wide = part[box + 4] === 1;
  const scale = view.getUint32(box + (wide ? 24 : 16));
  const duration = wide ? Number(view.getBigUint64(box + 28)) : view.getUint32(box + 20);
  return scale > 0 ? duration / scale : undefined;
}

/** Bit rates in kbit/s of MPEG 1 and of MPEG 2 and 2.5, layer III. */
const BIT_RATES = [
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];
const RATES = [44_100, 48_000, 32_000];
/** Frames whose bit rate is averaged if the file does not tell its length. */
const FRAMES = 50;

/** The first frame may tell the number of frames (Xing, Info); otherwise the bit rate tells the length. */
function ofMp3(head: Uint8Array, size: number): number | undefined {
  const tagged = text(head, 0, 3) === "ID3";
  let at = tagged ? 10 + head.subarray(6, 10).reduce((sum, byte) => sum * 128 + byte, 0) : 0;
  let bytes = 0, time = 0;
  for (let count = 0; count < FRAMES && at + 200 < head.length; count++) {
    const version = head[at + 1] >> 3 & 3, kind = version === 3 ? 0 : 1;
    const kbits = BIT_RATES[kind][head[at + 2] >> 4], base = RATES[head[at + 2] >> 2 & 3];
    if (head[at] !== 255 || (head[at + 1] & 0xe6) !== 0xe2 || version === 1 || !kbits || !base) break;
    const rate = base / (version === 3 ? 1 : version === 2 ? 2 : 4), samples = kind === 0 ? 1152 : 576;
    const frame = head.subarray(at, at + 200), told = placeOf("Xing", frame) ?? placeOf("Info", frame);
    if (count === 0 && told !== undefined && frame[told + 7] & 1) {
      return viewOf(frame).getUint32(told + 8) * samples / rate;
    }
    const length = Math.floor(samples / 8 * kbits * 1000 / rate) + (head[at + 2] >> 1 & 1);
    bytes += length;
    time += samples / rate;
    at += length;
  }
  return bytes > 0 ? time * size / bytes : undefined;
}

/** Kinds of recordings that only ffmpeg decodes, and MP3 frames behind other bytes, by content. */

const text = (bytes: Uint8Array, from: number, to: number) =>
  String.fromCharCode(...bytes.subarray(from, to));

/** Returns the kind of a recording that needs ffmpeg, as errors name it, or undefined. */
export function foreignKind(bytes: Uint8Array): string | undefined {
  const magic = text(bytes, 0, 4);
  if (magic === "riff") return "a Wave64 file";
  if (magic === ".snd") return "an AU file";
  if (text(bytes, 0, 7) === "NIST_1A") return "a SPHERE file";
  if (magic === "OggS" && text(bytes, 0, 256).includes("Speex   ")) return "a Speex file";
}

/** Bytes in which the first frame of an MP3 is searched. */
const SEARCHED = 2 ** 20;

/** Frames in a row that make a match. Two in a row occur by chance in other data. */
const IN_A_ROW = 4;

/**
 * Returns the index of the first of several MPEG frames in a row, or undefined. Needed for files that begin
 * with other bytes, which programs that cut streams leave.
 */
export function mp3Start(bytes: Uint8Array): number | undefined {
  const last = Math.min(bytes.length - 4, SEARCHED);
  for (let start = 0; start <= last; start++) {
    let at = start, frames = 0;
    for (; frames < IN_A_ROW; frames++) {
      const length = frameLength(bytes, at);
      if (length === undefined || (bytes[at + 1] & 0xfe) !== (bytes[start + 1] & 0xfe)) break;
      at += length;
      if (at === bytes.length && frames > 0) return start; // a very short file
    }
    if (frames === IN_A_ROW) return start;
  }
}

/** Bit rates of Layer III in kbit/s by index: MPEG 1, then MPEG 2 and 2.5. */
const RATES = [
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];

/** Returns the bytes of the Layer III frame at `at`, or undefined if there is none (ISO 11172-3, 2.4.2.3). */
function frameLength(bytes: Uint8Array, at: number): number | undefined {
  if (at + 4 > bytes.length || bytes[at] !== 0xff || (bytes[at + 1] & 0xe6) !== 0xe2) return undefined;
  const version = (bytes[at + 1] >> 3) & 3, rate = bytes[at + 2] >> 4, sampling = (bytes[at + 2] >> 2) & 3;
  if (version === 1 || rate === 0 || rate === 15 || sampling === 3) return undefined;
  const isMpeg1 = version === 3, kbits = RATES[isMpeg1 ? 0 : 1][rate];
  const hz = [44100, 48000, 32000][sampling] / (isMpeg1 ? 1 : version === 2 ? 2 : 4);
  return Math.floor((isMpeg1 ? 144000 : 72000) * kbits / hz) + ((bytes[at + 2] >> 1) & 1);
}

/** Decodes the bytes of a recording to samples at its own rate. */
import audioDecode from "audio-decode";
import audioType from "audio-type";
import { isPointer, POINTER } from "../../files/mod.ts";
import { audioFault, type AudioWarning } from "./fault.ts";
import { conversion } from "./ffmpeg.ts";
import { secondsWithin } from "./extent.ts";
import { foreignKind, mp3Start } from "./foreign.ts";
import { requireSeconds } from "./longest.ts";
import { type Decoded, decodeWav, isWav } from "./wav.ts";

export type { Decoded } from "./wav.ts";

/**
 * Decodes wav, flac, mp3, ogg (Vorbis, Opus, FLAC), m4a, aac, webm or aiff, recognised by content, not by
 * name. Throws UndertoneError whose `cause` is an AudioFault.
 */
export async function decodeAudio(bytes: Uint8Array, at: string): Promise<Decoded> {
  const foreign = foreignKind(bytes);
  if (foreign !== undefined) {
    throw audioFault("unsupported", {
      expected: "a recording (wav, flac, mp3, ogg, opus, m4a)",
      found: foreign,
      at,
      todo: `Convert it: \`${conversion(at)}\`.`,
    });
  }
  if (bytes.length === 0) {
    throw audioFault("empty-file", {
      expected: "a recording",
      found: "an empty file",
      at,
      todo: "Copy, record or fetch it again.",
    });
  }
  if (isPointer(bytes)) throw audioFault("not-audio", { expected: "a recording", at, ...POINTER });
  const decoded = (isWav(bytes) && decodeWav(bytes, at)) || await byLibrary(bytes, at);
  if (!decoded.channels[0]?.length) {
    throw audioFault("no-samples", {
      expected: "a recording",
      found: "one without samples",
      at,
      todo: "It is empty, cut off or damaged: record or fetch it again.",
    });
  }
  return decoded;
}

/**
 * Formats of the library that it does not decode here: music that a program plays can last for ever, and
 * WavPack has hours of silence in a few kilobytes. ffmpeg decodes them, up to the longest recording.
 */
const UNBOUNDED = ["mod", "xm", "s3m", "it", "wv"];

async function byLibrary(bytes: Uint8Array, at: string, searched = false): Promise<Decoded> {
  requireSeconds(secondsWithin(bytes) ?? 0, at);
  try {
    if (UNBOUNDED.includes(audioType(bytes) ?? "")) throw new Error("no decoder of bounded length");
    const { channelData, sampleRate } = await audioDecode(bytes);
    return { channels: channelData, rate: sampleRate, warnings: cutOff(bytes, channelData[0]?.length ?? 0) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const unknown = /unknown audio format/i.test(message);
    const unsupported = /no decoder|unsupported/i.test(message);
    const isSlip = !unsupported && (error instanceof TypeError || error instanceof ReferenceError);
    const said = isSlip ? "its decoder fails" : message; // a slip of the decoder says nothing of the file
    const start = unknown && !searched ? mp3Start(bytes) : undefined;
    if (start !== undefined) {
      const { warnings, ...decoded } = await byLibrary(bytes.subarray(start), at, true);
      const detail = `MP3 that begins after ${start} other bytes`;
      return { ...decoded, warnings: [{ code: "leading-bytes", detail }, ...warnings] };
    }
    throw audioFault(unknown ? "not-audio" : unsupported ? "unsupported" : "damaged", {
      expected: "a recording (wav, flac, mp3, ogg, opus, m4a)",
      found: unknown ? "another kind of file" : `one that can't be decoded (${said})`,
      at,
      todo: unsupported
        ? `Convert it: \`${conversion(at)}\`.`
        : unknown
        ? `Check the file. If it is a recording, convert it: \`${conversion(at)}\`.`
        : "Check the file; record or fetch it again.",
    });
  }
}

/**
 * Returns a warning if a FLAC file is cut off. Its header gives its length (36 bits at byte 21, RFC 9639
 * section 8.2), and the library drops frames that it can't read.
 */
function cutOff(bytes: Uint8Array, length: number): AudioWarning[] {
  const isFlac = String.fromCharCode(...bytes.subarray(0, 4)) === "fLaC" && bytes.length >= 26;
  const claimed = isFlac
    ? (bytes[21] & 15) * 2 ** 32 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(22)
    : 0;
  return length >= claimed
    ? []
    : [{ code: "truncated", detail: `header claims ${claimed} samples, ${length} could be decoded` }];
}

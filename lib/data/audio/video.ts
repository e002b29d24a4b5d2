/** Recognises videos, whose sound ffmpeg decodes. */
import { decodeByFfmpeg } from "./ffmpeg.ts";
import type { Decoded } from "./wav.ts";

const text = (bytes: Uint8Array, from: number, to: number) =>
  String.fromCharCode(...bytes.subarray(from, to));

/**
 * Returns true for mp4/mov/3gp (not m4a), Matroska (not WebM), avi, flv, wmv and MPEG streams, by their magic
 * bytes.
 */
export function isVideo(bytes: Uint8Array): boolean {
  const magic = text(bytes, 0, 4);
  return (text(bytes, 4, 8) === "ftyp" && !/^M4[AB]/.test(text(bytes, 8, 11))) ||
    (magic === "\x1aE\xdf\xa3" && text(bytes, 0, 64).includes("matroska")) ||
    (magic === "RIFF" && text(bytes, 8, 12) === "AVI ") ||
    magic.startsWith("FLV") || magic === "0&\xb2u" || magic === "\0\0\x01\xba" ||
    (bytes[0] === 0x47 && bytes[188] === 0x47 && bytes[376] === 0x47);
}

/**
 * Decodes the first sound track, with all channels at their own rate. Needs --allow-run=ffmpeg. Throws
 * UndertoneError.
 */
export const decodeVideo = (path: string): Promise<Decoded> => decodeByFfmpeg(path, "a video with sound");

/** Decodes the sound of a video with the installed ffmpeg. */
import { type AudioFault, audioFault } from "./fault.ts";
import { type Decoded, decodeWav } from "./wav.ts";

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
export async function decodeVideo(path: string): Promise<Decoded> {
  const fail = (fault: AudioFault, found: string, todo: string) =>
    audioFault(fault, { expected: "a video with sound", found, at: path, todo });
  // "file:" and the protocol list prevent names and playlists from accessing the network.
  const args = ["-v", "error", "-nostdin", "-protocol_whitelist", "file,pipe", "-i", `file:${path}`];
  const command = new Deno.Command("ffmpeg", {
    args: [...args, "-map", "0:a:0", "-c:a", "pcm_f32le", "-f", "wav", "pipe:1"],
    stdin: "null",
  });
  let output: Deno.CommandOutput;
  try {
    output = await command.output();
  } catch (error) {
    const forbidden = error instanceof Deno.errors.NotCapable;
    throw fail(
      "no-ffmpeg",
      forbidden ? "no permission to run ffmpeg" : "no ffmpeg on this machine",
      forbidden
        ? "Add --allow-run=ffmpeg."
        : "Install ffmpeg (e.g. `apt-get install ffmpeg`) or extract the sound to wav or flac on another machine.",
    );
  }
  const said = new TextDecoder().decode(output.stderr).trim();
  if (/matches no streams/.test(said)) {
    throw fail("no-audio-track", "one without a sound track", "Check the file.");
  }
  const decoded = output.stdout.length > 0 && decodeWav(output.stdout, path);
  if (!decoded || decoded.channels[0].length === 0) {
    throw fail(
      "damaged",
      `one that ffmpeg can't read (${lastLine(said)})`,
      "Check the file or fetch it again.",
    );
  }
  return { ...decoded, warnings: output.success ? [] : [{ code: "truncated", detail: lastLine(said) }] };
}

const lastLine = (said: string): string => said.slice(said.lastIndexOf("\n") + 1);

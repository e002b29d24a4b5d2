/** Writes samples as FLAC with the installed ffmpeg: 16 kHz, one channel, 16 bits. */
import { UndertoneError } from "../../errors.ts";
import { unwritable } from "../../files/mod.ts";
import { audioFault } from "./fault.ts";
import { readClip } from "./load.ts";
import { SAMPLE_RATE } from "./resample.ts";

/** Returns samples in [-1, 1] as 16-bit integers, as decoders scale them back: by 2^15. */
export const int16 = (samples: Float32Array): Int16Array<ArrayBuffer> =>
  Int16Array.from(samples, (x) => Math.max(-32768, Math.min(32767, Math.round(x * 32768))));

/**
 * Writes the sound of a clip or video to a FLAC file. Returns its length in seconds. Throws UndertoneError.
 */
export async function toFlac(clip: string, path: string): Promise<number> {
  const { samples } = await readClip(clip);
  await writeFlac(path, samples);
  return samples.length / SAMPLE_RATE;
}

/** Writes samples at 16 kHz to a FLAC file, whole or not at all. Throws UndertoneError. */
export async function writeFlac(path: string, samples: Float32Array): Promise<void> {
  const beside = `${path}.tmp`, input = ["-f", "s16le", "-ar", `${SAMPLE_RATE}`, "-ac", "1", "-i", "pipe:0"];
  const child = new Deno.Command("ffmpeg", {
    args: ["-v", "error", ...input, "-c:a", "flac", "-f", "flac", "-y", `file:${beside}`],
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const said = new Response(child.stderr).text();
  const writer = child.stdin.getWriter();
  // A writer that fails belongs to a process that has ended.
  await writer.write(new Uint8Array(int16(samples).buffer)).then(() => writer.close()).catch(() => {});
  const { success } = await child.status;
  try {
    if (!success) throw new Error((await said).trim().split("\n").at(-1));
    await Deno.rename(beside, path);
  } catch (cause) {
    await Deno.remove(beside).catch(() => {});
    throw unwritable("a FLAC file", path, cause);
  }
}

/** Throws UndertoneError unless ffmpeg runs and has an encoder for FLAC. */
export async function requireFlacEncoder(): Promise<void> {
  const found = await new Deno.Command("ffmpeg", {
    args: ["-v", "error", "-h", "encoder=flac"],
    stderr: "null",
  })
    .output().then(({ success, stdout }) =>
      success && new TextDecoder().decode(stdout).includes("flac")
        ? undefined
        : "one without an encoder for FLAC"
    ).catch((error) => {
      if (error instanceof UndertoneError) throw error;
      return error instanceof Deno.errors.NotFound ? "none on this machine" : `one that can't run (${error})`;
    });
  if (found === undefined) return;
  throw audioFault("no-ffmpeg", {
    expected: "ffmpeg, which reads the sound of videos",
    found,
    at: "PATH",
    todo: "Install it, e.g. with `apt-get install ffmpeg` or `brew install ffmpeg`, and start again.",
  });
}

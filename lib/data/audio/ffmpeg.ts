/** Decodes the sound of a file with the installed ffmpeg. */
import { LONGEST } from "./longest.ts";
import { type AudioFault, audioFault, type AudioWarning } from "./fault.ts";
import { type Decoded, decodeWav } from "./wav.ts";

/** Most bytes of samples that are kept: 3 hours of stereo at 48 kHz, or 37 hours of mono at 16 kHz. */
const MOST_BYTES = 2 ** 32 - 2 ** 16;

/** Milliseconds without output after which ffmpeg is ended. */
const PATIENCE = 30_000;

/** The command that converts a file to one that is read without ffmpeg. */
export const conversion = (path: string): string =>
  `ffmpeg -i '${path.replaceAll("'", "'\\''")}' -ar 16000 -ac 1 out.wav`;

/**
 * Decodes the first sound track, with all channels at their own rate. `what` names the file in errors: "a
 * video with sound". Needs --allow-run=ffmpeg. Throws UndertoneError whose `cause` is an AudioFault.
 */
export async function decodeByFfmpeg(path: string, what: string): Promise<Decoded> {
  const fail = (fault: AudioFault, found: string, todo: string) =>
    audioFault(fault, { expected: what, found, at: path, todo });
  // It stops just after the longest recording that is read; `requireSeconds` then refuses it.
  const command = decoder(path, ["-t", `${LONGEST + 1}`]);
  let child: Deno.ChildProcess;
  try {
    child = command.spawn();
  } catch (error) {
    const forbidden = error instanceof Deno.errors.NotCapable;
    throw fail(
      "no-ffmpeg",
      forbidden ? "no permission to run ffmpeg" : "no ffmpeg on this machine",
      forbidden
        ? "Add --allow-run=ffmpeg."
        : "Install ffmpeg (e.g. `apt-get install ffmpeg`), or convert the file where there is one: " +
          `\`${conversion(path)}\`.`,
    );
  }
  const [out, said, { success }] = await Promise.all([
    collect(child, MOST_BYTES, PATIENCE),
    new Response(child.stderr).text().then((text) => text.trim()),
    child.status,
  ]);
  if (out.fault === "too-large") {
    throw fail("too-large", `more than ${MOST_BYTES / 2 ** 30} GiB of samples`, "Cut it into parts.");
  }
  if (out.fault === "stalled") {
    throw fail("damaged", `one that ffmpeg works on without end`, "Check the file or fetch it again.");
  }
  if (/matches no streams/.test(said)) {
    throw fail("no-audio-track", "one without a sound track", "Check the file.");
  }
  const decoded = out.bytes.length > 0 && decodeWav(out.bytes, path);
  if (!decoded || !decoded.channels[0]?.length) {
    throw fail(
      "damaged",
      `one that ffmpeg can't read (${lastLine(said)})`,
      "Check the file or fetch it again.",
    );
  }
  return { ...decoded, warnings: success ? [] : [{ code: "truncated", detail: lastLine(said) }] };
}

/** Returns ffmpeg as a decoder of a file's first sound track to a WAVE stream. */
function decoder(path: string, limits: readonly string[] = []): Deno.Command {
  // "file:" and the protocol list prevent names and playlists from accessing the network.
  const args = ["-v", "error", "-nostdin", "-protocol_whitelist", "file,pipe", "-i", `file:${path}`];
  return new Deno.Command("ffmpeg", {
    args: [...args, ...limits, "-map", "0:a:0", "-c:a", "pcm_f32le", "-f", "wav", "pipe:1"],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/**
 * Decodes a file of any length, piece by piece, as a WAVE stream. A file that ffmpeg can't read to its end
 * leaves a warning. Returns undefined if ffmpeg can't run.
 */
export function streamByFfmpeg(
  path: string,
  warnings: AudioWarning[],
): AsyncIterable<Uint8Array> | undefined {
  try {
    return outputOf(decoder(path).spawn(), warnings);
  } catch {
    return undefined;
  }
}

async function* outputOf(child: Deno.ChildProcess, warnings: AudioWarning[]): AsyncGenerator<Uint8Array> {
  const said = new Response(child.stderr).text(), reader = child.stdout.getReader();
  const kill = () => {
    try {
      child.kill("SIGKILL");
    } catch { /* it has ended by itself */ }
  };
  try {
    while (true) {
      const timer = setTimeout(kill, PATIENCE);
      const { value, done } = await reader.read().finally(() => clearTimeout(timer));
      if (done) break;
      yield value;
    }
    const { success } = await child.status;
    if (!success) {
      warnings.push({ code: "truncated", detail: lastLine((await said).trim()) || "ffmpeg stalled" });
    }
  } finally {
    kill();
    await reader.cancel();
    await Promise.all([said, child.status]);
  }
}

/** Collects a process's output. Ends the process if it writes too much, or nothing for too long. */
async function collect(
  child: Deno.ChildProcess,
  most: number,
  patience: number,
): Promise<{ bytes: Uint8Array; fault?: "too-large" | "stalled" }> {
  const parts: Uint8Array[] = [];
  let length = 0, fault: "too-large" | "stalled" | undefined;
  const end = (why: typeof fault) => {
    fault = why;
    try {
      child.kill("SIGKILL");
    } catch { /* it has ended by itself */ }
  };
  let timer = setTimeout(() => end("stalled"), patience);
  for await (const part of child.stdout) {
    clearTimeout(timer);
    timer = setTimeout(() => end("stalled"), patience);
    if (fault !== undefined) continue;
    parts.push(part);
    length += part.length;
    if (length > most) end("too-large");
  }
  clearTimeout(timer);
  if (fault !== undefined) return { bytes: new Uint8Array(0), fault };
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { bytes };
}

const lastLine = (said: string): string => said.slice(said.lastIndexOf("\n") + 1);

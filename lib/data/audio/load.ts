/** Loads recordings as encoders need them: 16 kHz, one channel, in [-1, 1]. */
import { UndertoneError } from "../../errors.ts";
import { fromProject } from "../../paths.ts";
import { type AudioClip, clipFrom } from "./clip.ts";
import { type AudioFault, audioFault } from "./fault.ts";
import { decodeAudio, type Decoded } from "./decode.ts";
import { conversion, decodeByFfmpeg } from "./ffmpeg.ts";
import { foreignKind } from "./foreign.ts";
import { admitted } from "./longest.ts";
import { decodeVideo, isVideo } from "./video.ts";

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
  return clipFrom(await decode(bytes, path), path);
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

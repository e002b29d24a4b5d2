/** Rows in a report: what was said, what the model answered, and a player where the recording is embedded. */
import { extname } from "node:path";
import { escape } from "./svg.ts";

/** A row with its text and recording. */
export interface Clip {
  /** What is told of the row: "true joy, predicted anger with 97 %". */
  title: string;
  /** The words of the row. */
  text?: string;
  /** Its recording. With `bytes` the page plays it; without them it only names the path. */
  audio?: { path: string; type?: string; bytes?: Uint8Array<ArrayBuffer> };
}

const TYPES: Readonly<Record<string, string>> = {
  ".wav": "audio/wav",
  ".mp3": "audio/mpeg",
  ".flac": "audio/flac",
  ".ogg": "audio/ogg",
  ".opus": "audio/ogg",
  ".m4a": "audio/mp4",
  ".mp4": "audio/mp4",
};

/** Returns the MIME type by which browsers play a file, from its name; undefined if they can't. */
export const playableType = (path: string): string | undefined => TYPES[extname(path).toLowerCase()];

/** Returns the kinds of files that browsers play, by their endings. */
export const playable = (): string[] => Object.keys(TYPES);

/** Returns rows as a list. */
export const clipsHtml = (clips: readonly Clip[]): string =>
  `<ol class="clips">${
    clips.map(({ title, text, audio }) =>
      `<li><p><strong>${escape(title)}</strong></p>` +
      (text ? `<p>“${escape(text)}”</p>` : "") + (audio ? audioHtml(audio, title) : "") + "</li>"
    ).join("\n")
  }</ol>`;

function audioHtml({ path, type, bytes }: NonNullable<Clip["audio"]>, title: string): string {
  if (!bytes || !type) return `<p class="muted">recording: ${escape(path)}</p>`;
  return `<audio controls preload="none" aria-label="${escape(`Recording of: ${title}`)}" ` +
    `src="data:${type};base64,${bytes.toBase64()}"></audio>`;
}

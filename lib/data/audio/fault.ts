/** What can be wrong with a recording: codes for machines, sentences for people. */
import { badInput, type Expectation, type UndertoneError } from "../../errors.ts";

/** Why a recording can't be used at all. */
export type AudioFault =
  | "missing" // no such file
  | "unreadable" // there, but not ours to read
  | "empty-file" // 0 bytes
  | "not-audio" // no known magic bytes
  | "unsupported" // a known kind that nothing here decodes
  | "damaged" // a known kind that can't be decoded
  | "no-samples" // decodes to nothing
  | "no-audio-track" // a video without sound
  | "no-ffmpeg" // a video, and no ffmpeg to open it
  | "non-finite-samples" // NaN or infinity among them
  | "out-of-scale"; // floats that were never scaled to [-1, 1]

/** What was odd about a recording that can be used. */
export interface AudioWarning {
  /** What kind of oddity. */
  code: "truncated" | "size-unknown" | "too-short" | "silent" | "clipped";
  /** The same in words, with figures. */
  detail: string;
}

/** An oddity with the clip that has it. */
export interface ClipWarning extends AudioWarning {
  /** Path of the clip. */
  at: string;
}

/** How many clips are odd in which way, the first of each named; undefined where none is. */
export function clipWarningsNote(clips: readonly ClipWarning[]): string | undefined {
  const kinds = [...Map.groupBy(clips, ({ code }) => code)].map(([code, [{ at, detail }, ...rest]]) =>
    `${1 + rest.length} × ${code} (${rest.length ? "e.g. " : ""}${at}: ${detail})`
  );
  return kinds.length === 0 ? undefined : `Odd clips that are used all the same: ${kinds.join(", ")}.`;
}

/** The library's error for an unusable recording; its `cause` is the fault's code. */
export const audioFault = (fault: AudioFault, expectation: Expectation): UndertoneError =>
  badInput(expectation, fault);

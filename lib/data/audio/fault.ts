/** Faults and warnings of recordings: codes for machines, sentences for people. */
import { badInput, type Expectation, type UndertoneError } from "../../errors.ts";

/** Why a recording can't be used at all. */
export type AudioFault =
  | "missing" // no such file
  | "unreadable" // exists, but can't be read
  | "too-large" // more bytes than memory should hold
  | "empty-file" // 0 bytes
  | "not-audio" // no known magic bytes
  | "unsupported" // a known kind without a decoder
  | "damaged" // a known kind, but decoding fails
  | "too-long" // more than the memory is sure to hold
  | "no-samples" // decodes to nothing
  | "no-audio-track" // a video without sound
  | "no-ffmpeg" // a file that only ffmpeg opens, and there is none
  | "non-finite-samples" // NaN or infinity among them
  | "out-of-scale"; // floats far outside [-1, 1]

/** An oddity of a recording that can still be used. */
export interface AudioWarning {
  /** The kind of oddity. */
  code: "truncated" | "size-unknown" | "too-short" | "silent" | "clipped" | "leading-bytes";
  /** Description with figures. */
  detail: string;
}

/** A warning and the clip that it is about. */
export interface ClipWarning extends AudioWarning {
  /** Path of the clip. */
  at: string;
}

/** Counts clips by kind of oddity and names the first of each. Returns undefined if there are none. */
export function clipWarningsNote(clips: readonly ClipWarning[]): string | undefined {
  const kinds = [...Map.groupBy(clips, ({ code }) => code)].map(([code, [{ at, detail }, ...rest]]) =>
    `${1 + rest.length} × ${code} (${rest.length ? "e.g. " : ""}${at}: ${detail})`
  );
  return kinds.length === 0 ? undefined : `Odd clips that are used anyway: ${kinds.join(", ")}.`;
}

/** Returns the error for an unusable recording. Its `cause` is the fault's code. */
export const audioFault = (fault: AudioFault, expectation: Expectation): UndertoneError =>
  badInput(expectation, fault);

/** Stretches of speech from probabilities, by the rules of Silero's `get_speech_timestamps`. */
import { SAMPLE_RATE } from "./resample.ts";

/** Samples per probability of speech: 32 ms. */
export const SPEECH_FRAME = 512;

/** A stretch of sound, in seconds. */
export interface Span {
  start: number;
  end: number;
}

/** How stretches of speech are found. */
export interface SpeechOptions {
  /** Speech begins at this probability, 0 to 1, and ends 0.15 below it. Default: 0.5. */
  threshold?: number;
  /** Speech that is not longer than this is dropped, in seconds. Default: 0.25. */
  shortest?: number;
  /** A shorter pause does not divide speech, in seconds. Default: 0.1. */
  pause?: number;
  /** Speech is lengthened by this on either side, in seconds; two neighbours share a short pause. Default: 0.03. */
  pad?: number;
}

/**
 * Returns the stretches of speech in a sound of `seconds` s, in order and without overlap, from the
 * probability of speech in each SPEECH_FRAME samples.
 */
export function spansOf(
  probabilities: ArrayLike<number>,
  seconds: number,
  { threshold = 0.5, shortest = 0.25, pause = 0.1, pad = 0.03 }: SpeechOptions = {},
): Span[] {
  const quietBelow = Math.max(threshold - 0.15, 0.01), whole = seconds * SAMPLE_RATE;
  const spans: Span[] = []; // in samples until the end
  let start: number | undefined, quiet: number | undefined; // where speech began, and where it may have ended
  const close = (end: number) => {
    if (start !== undefined && end - start > shortest * SAMPLE_RATE) spans.push({ start, end });
    start = quiet = undefined;
  };
  for (let i = 0; i < probabilities.length; i++) {
    const now = i * SPEECH_FRAME;
    if (probabilities[i] >= threshold) {
      start ??= now;
      quiet = undefined;
    } else if (probabilities[i] < quietBelow && start !== undefined) {
      quiet ??= now;
      if (now - quiet >= pause * SAMPLE_RATE) close(quiet);
    }
  }
  close(whole);
  return spans.map(({ start, end }, i) => {
    const before = i > 0 ? (spans[i - 1].end + start) / 2 : 0;
    const after = i + 1 < spans.length ? (end + spans[i + 1].start) / 2 : whole;
    return {
      start: Math.max(start - pad * SAMPLE_RATE, before) / SAMPLE_RATE,
      end: Math.min(end + pad * SAMPLE_RATE, after) / SAMPLE_RATE,
    };
  });
}

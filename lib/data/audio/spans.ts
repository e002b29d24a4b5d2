/** Stretches of speech from probabilities, by the rules of Silero's `get_speech_timestamps`. */
import { SAMPLE_RATE } from "./resample.ts";

/** Samples per probability of speech: 32 ms. */
export const SPEECH_FRAME = 512;

/** A stretch of sound, in seconds. */
export interface Span {
  /** Where it begins. */
  start: number;
  /** Where it ends. */
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
  /**
   * Speech is lengthened by this on either side, in seconds; two neighbours share a short pause. Default:
   * 0.03.
   */
  pad?: number;
}

/** A stretch of speech, in samples. */
export interface Stretch {
  start: number;
  end: number;
  /** Whether speech goes on: the stretch was cut because it was too long. */
  isCut: boolean;
  /** Whether it is longer than the shortest that counts. */
  counts: boolean;
}

/** Finds stretches of speech while their probabilities arrive. */
export interface StretchFinder {
  /**
   * Takes the probability of the next SPEECH_FRAME samples. Returns the stretch that has ended, if one has.
   */
  next(probability: number): Stretch | undefined;
  /** Ends a sound of so many samples. Returns the stretch that lasts to its end, if one does. */
  end(samples: number): Stretch | undefined;
  /** Where the speech that has not ended began, or undefined. */
  open(): number | undefined;
}

/**
 * Returns a finder for one sound. Speech of more than `longest` s is cut where it is least likely in the
 * second half of that time.
 */
export function stretchFinder(
  { threshold = 0.5, shortest = 0.25, pause = 0.1, longest = Infinity }:
    & SpeechOptions
    & { longest?: number } = {},
): StretchFinder {
  const quietBelow = Math.max(threshold - 0.15, 0.01),
    most = Math.floor(longest * SAMPLE_RATE / SPEECH_FRAME);
  let now = 0, start: number | undefined, quiet: number | undefined; // where speech began, and may have ended
  let since: number[] = []; // probabilities from `start` on, if its length is bounded
  const close = (end: number, isCut = false): Stretch | undefined => {
    if (start === undefined) return undefined;
    const found = { start, end, isCut, counts: end - start > shortest * SAMPLE_RATE };
    start = isCut ? end : undefined;
    quiet = undefined;
    since = isCut ? since.slice((end - found.start) / SPEECH_FRAME) : [];
    return found;
  };
  return {
    next(probability) {
      const frame = now;
      now += SPEECH_FRAME;
      if (probability >= threshold) {
        start ??= frame;
        quiet = undefined;
      } else if (probability < quietBelow && start !== undefined) {
        quiet ??= frame;
        if (frame - quiet >= pause * SAMPLE_RATE) return close(quiet);
      }
      if (start === undefined || most === Infinity) return undefined;
      since.push(probability);
      if (since.length < most) return undefined;
      if (quiet !== undefined) return close(quiet);
      let least = Math.ceil(most / 2);
      for (let i = least; i < since.length; i++) if (since[i] <= since[least]) least = i;
      return close(start + least * SPEECH_FRAME, true);
    },
    end: (samples) => close(samples),
    open: () => start,
  };
}

/**
 * Returns the stretches of speech in a sound of `seconds` s, in order and without overlap, from the
 * probability of speech in each SPEECH_FRAME samples.
 */
export function spansOf(
  probabilities: ArrayLike<number>,
  seconds: number,
  options: SpeechOptions = {},
): Span[] {
  const { pad = 0.03 } = options, whole = seconds * SAMPLE_RATE, finder = stretchFinder(options);
  const found = [...Array.from(probabilities, finder.next), finder.end(whole)];
  const spans = found.filter((stretch) => stretch?.counts) as Stretch[];
  return spans.map(({ start, end }, i) => {
    const before = i > 0 ? (spans[i - 1].end + start) / 2 : 0;
    const after = i + 1 < spans.length ? (end + spans[i + 1].start) / 2 : whole;
    return {
      start: Math.max(start - pad * SAMPLE_RATE, before) / SAMPLE_RATE,
      end: Math.min(end + pad * SAMPLE_RATE, after) / SAMPLE_RATE,
    };
  });
}

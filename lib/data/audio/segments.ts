/** Cuts a sound into segments while it arrives: by voice activity, or into windows of one length. */
import { SAMPLE_RATE } from "./resample.ts";
import { type Span, SPEECH_FRAME, type Stretch, stretchFinder } from "./spans.ts";
import { speechProbabilities } from "./speech.ts";

/** How a sound is cut. */
export interface SegmentOptions {
  /** Cuts windows of so many seconds instead of stretches of speech. */
  window?: number;
  /** Speech of more seconds is cut, where it pauses most. Default: 12. */
  longest?: number;
  /** Speech of fewer seconds is too short for a prediction. Default: 0.5. */
  shortest?: number;
  /** A shorter pause does not divide speech, in seconds. Default: 0.5. */
  pause?: number;
  /** A segment has so much of the sound before and after the speech, in seconds. Default: 0.1. */
  pad?: number;
  /** Probability of speech, 0 to 1, from which a frame is speech. Default: 0.5. */
  threshold?: number;
}

/** A part of a sound: its samples at 16 kHz, or the reason why it is left out. */
export type SoundSegment =
  & Span
  & ({ samples: Float32Array; reason?: undefined } | { samples?: undefined; reason: string });

/** Speech that a window needs for a prediction, in seconds. */
const LEAST_SPEECH = 0.25;

/**
 * Cuts samples at 16 kHz into segments, in order and without overlap. Each comes as soon as it has ended.
 * Keeps no more than the segment that lasts. Throws UndertoneError if a sample is NaN or infinite.
 */
export async function* segmentsOf(
  sound: AsyncIterable<Float32Array>,
  options: SegmentOptions = {},
): AsyncGenerator<SoundSegment> {
  const { window } = options, stream = await speechProbabilities();
  const cutter = window === undefined ? speechCutter(options) : windowCutter(window, options);
  let kept = new Float32Array(0), first = 0; // samples that a segment may need, from the sample `first` on
  const cut = (found: Cut): SoundSegment => {
    const { start, reason } = found,
      end = Math.min(found.end, first + kept.length),
      span = { start: start / SAMPLE_RATE, end: end / SAMPLE_RATE };
    return reason === undefined
      ? { ...span, samples: kept.slice(start - first, end - first) }
      : { ...span, reason };
  };
  for await (const chunk of sound) {
    for (let from = 0; from < chunk.length; from += SAMPLE_RATE) {
      const part = chunk.subarray(from, from + SAMPLE_RATE), probabilities = await stream.next(part);
      kept = joined(kept, part);
      for (const probability of probabilities) for (const found of cutter.next(probability)) yield cut(found);
      const needed = Math.min(first + kept.length, Math.max(first, cutter.needs()));
      kept = kept.slice(needed - first);
      first = needed;
    }
  }
  const whole = first + kept.length;
  for (const probability of await stream.end()) {
    for (const found of cutter.next(probability)) yield cut(found);
  }
  for (const found of cutter.end(whole)) yield cut(found);
}

/** A segment in samples. */
interface Cut extends Span {
  reason?: string;
}

/** Decides from probabilities of speech, one for each SPEECH_FRAME samples, where to cut. */
interface Cutter {
  next(probability: number): Cut[];
  end(samples: number): Cut[];
  /** Returns the first sample that a later segment can need. */
  needs(): number;
}

const tooShort = (shortest: number) => `shorter than ${shortest} s`;

/** Cuts stretches of speech, with a little of the sound around them. */
function speechCutter(options: SegmentOptions): Cutter {
  const { shortest = 0.5, longest = 12, pause = 0.5, pad = 0.1, threshold } = options;
  const around = Math.min(Math.round(pad * SAMPLE_RATE), Math.floor(pause * SAMPLE_RATE / 2));
  const finder = stretchFinder({ threshold, shortest, pause, longest: Math.max(2 * shortest, longest) });
  let now = 0, last = 0; // where the last segment ended
  const cut = (found: Stretch | undefined, whole: number): Cut[] => {
    if (found === undefined) return [];
    const start = Math.max(last, found.start - around);
    last = Math.min(whole, found.isCut ? found.end : found.end + around);
    if (found.end <= found.start) return [];
    return [{ start, end: last, ...!found.counts && { reason: tooShort(shortest) } }];
  };
  return {
    next(probability) {
      now += SPEECH_FRAME;
      return cut(finder.next(probability), now);
    },
    end: (samples) => cut(finder.end(samples), samples),
    needs: () => Math.max(last, (finder.open() ?? now) - around),
  };
}

/** Cuts windows of one length; those without speech are left out. */
function windowCutter(window: number, { shortest = 0.5, threshold = 0.5 }: SegmentOptions): Cutter {
  const length = Math.round(window * SAMPLE_RATE);
  let now = 0, start = 0, speech = 0; // samples of speech since `start`
  const cut = (end: number): Cut => {
    const found = { start, end }, hasSpeech = speech >= LEAST_SPEECH * SAMPLE_RATE;
    start = end;
    speech = 0;
    if (end - found.start < Math.min(shortest * SAMPLE_RATE, length)) {
      return { ...found, reason: tooShort(shortest) };
    }
    return hasSpeech ? found : { ...found, reason: "no speech" };
  };
  return {
    next(probability) {
      const middle = now + SPEECH_FRAME / 2, cuts: Cut[] = [];
      now += SPEECH_FRAME;
      if (middle >= start + length) cuts.push(cut(start + length));
      if (probability >= threshold) speech += SPEECH_FRAME;
      return cuts;
    },
    end(samples) {
      const cuts = samples > start + length ? [cut(start + length)] : [];
      return samples > start ? [...cuts, cut(samples)] : cuts;
    },
    needs: () => start,
  };
}

function joined(a: Float32Array, b: Float32Array): Float32Array<ArrayBuffer> {
  const both = new Float32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

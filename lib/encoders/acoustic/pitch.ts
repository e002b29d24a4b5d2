/** Pitch by YIN (de Cheveigné & Kawahara 2002, "YIN, a fundamental frequency estimator for speech"). */
import { SAMPLE_RATE } from "../encoder.ts";
import { fft } from "./fft.ts";
import { correlations } from "./correlation.ts";
import { HOP } from "./spectrum.ts";

/** Samples that one estimate covers. */
export const PITCH_FRAME = 1024;
const LOWEST_HZ = 65, HIGHEST_HZ = 400;
const LONGEST = Math.ceil(SAMPLE_RATE / LOWEST_HZ), SHORTEST = Math.floor(SAMPLE_RATE / HIGHEST_HZ);
/** Samples that are compared with those one period later. */
const COMPARED = PITCH_FRAME - LONGEST - 1;
/** The first dip below this is the period. */
const THRESHOLD = 0.15;

export interface Pitch {
  /** Pitch in Hz; the best guess if the frame is not voiced. */
  f0: number;
  /** 1 minus YIN's normalised difference at the period: 1 for a periodic frame, about 0 for noise. */
  periodicity: number;
}

/** Frames whose correlations are computed together. It bounds the memory for a long clip. */
const FRAMES_AT_ONCE = 128;

const transform = fft(PITCH_FRAME);

/** Estimates the pitch of PITCH_FRAME samples from `start` on; samples outside the clip count as 0. */
export function pitch(samples: Float32Array, start: number): Pitch {
  const frame = cut(samples, start, PITCH_FRAME);
  return estimate(normalisedDifference(frame, correlate(frame)));
}

/** Estimates the pitch of `count` frames: the first starts at `start`, the others HOP samples apart. */
export type PitchTracker = (samples: Float32Array, start: number, count: number) => Pitch[];

/**
 * Estimates one frame after the other. Encoders that read digital silence keep this: in frames with silence
 * inside, the difference is all rounding, and other sums in another order give another pitch.
 */
export const pitchFrameByFrame: PitchTracker = (samples, start, count) =>
  Array.from({ length: count }, (_, i) => pitch(samples, start + i * HOP));

/** Estimates many frames from the products of the blocks that they share. */
export const pitchByBlocks: PitchTracker = (samples, start, count) => {
  const estimates: Pitch[] = [];
  for (let first = 0; first < count; first += FRAMES_AT_ONCE) {
    const frames = Math.min(FRAMES_AT_ONCE, count - first);
    const x = cut(samples, start + first * HOP, (frames - 1) * HOP + PITCH_FRAME);
    const correlation = correlations(x, frames, COMPARED, LONGEST + 1);
    for (let i = 0; i < frames; i++) {
      const own = correlation.subarray(i * (LONGEST + 1), (i + 1) * (LONGEST + 1));
      estimates.push(estimate(normalisedDifference(x.subarray(i * HOP, i * HOP + PITCH_FRAME), own)));
    }
  }
  return estimates;
};

/** Returns `length` samples from `start` on; samples outside the clip are 0. */
function cut(samples: Float32Array, start: number, length: number): Float64Array {
  const part = new Float64Array(length);
  const from = Math.max(0, start), to = Math.min(samples.length, start + length);
  if (from < to) part.set(samples.subarray(from, to), from - start);
  return part;
}

/** Returns the pitch that a normalised difference shows. */
function estimate(difference: Float64Array): Pitch {
  let lag = SHORTEST;
  while (lag < LONGEST && !(difference[lag] < THRESHOLD && difference[lag] <= difference[lag + 1])) lag++;
  if (lag === LONGEST) {
    lag = SHORTEST;
    for (let at = SHORTEST; at < LONGEST; at++) if (difference[at] < difference[lag]) lag = at;
  }
  const [before, here, after] = difference.subarray(lag - 1, lag + 2);
  const bend = before - 2 * here + after;
  const shift = bend > 0 ? Math.max(-0.5, Math.min(0.5, (before - after) / (2 * bend))) : 0;
  return { f0: SAMPLE_RATE / (lag + shift), periodicity: Math.max(0, 1 - here) };
}

/**
 * YIN's cumulative mean normalised difference (its equation 8) for lags 0 to LONGEST, from the frame's
 * autocorrelation.
 */
function normalisedDifference(frame: Float64Array, correlation: Float64Array): Float64Array {
  let shifted = 0;
  for (let i = 0; i < COMPARED; i++) shifted += frame[i] ** 2;
  const energy = shifted;
  const difference = new Float64Array(LONGEST + 1).fill(1);
  let sum = 0;
  for (let lag = 1; lag <= LONGEST; lag++) {
    shifted += frame[lag + COMPARED - 1] ** 2 - frame[lag - 1] ** 2;
    const d = Math.max(0, energy + shifted - 2 * correlation[lag]);
    sum += d;
    if (sum > 0) difference[lag] = d * lag / sum;
  }
  return difference;
}

/**
 * Autocorrelation: the sum over the compared samples of x[i] x[i + lag], by FFT. One transform serves both
 * signals, with x as its imaginary part.
 */
function correlate(frame: Float64Array): Float64Array {
  const re = frame.slice().fill(0, COMPARED), im = frame.slice();
  transform(re, im);
  const outRe = new Float64Array(PITCH_FRAME), outIm = new Float64Array(PITCH_FRAME);
  for (let k = 0; k < PITCH_FRAME; k++) {
    const mirror = (PITCH_FRAME - k) % PITCH_FRAME;
    const headRe = (re[k] + re[mirror]) / 2, headIm = (im[k] - im[mirror]) / 2;
    const wholeRe = (im[k] + im[mirror]) / 2, wholeIm = (re[mirror] - re[k]) / 2;
    // conj(head) * whole, conjugated so that a forward transform serves as the inverse
    outRe[k] = headRe * wholeRe + headIm * wholeIm;
    outIm[k] = -(headRe * wholeIm - headIm * wholeRe);
  }
  transform(outRe, outIm);
  return outRe.map((x) => x / PITCH_FRAME);
}

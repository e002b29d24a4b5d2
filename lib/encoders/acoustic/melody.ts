/** The course of pitch over a clip: single estimates, smoothed and interpolated. */
import { FRAME, frameCount } from "./spectrum.ts";
import { PITCH_FRAME, pitchFrameByFrame, type PitchTracker } from "./pitch.ts";

/** One value per short frame. */
export interface Melody {
  /** Octaves above 100 Hz; interpolated linearly across unvoiced frames. */
  octave: Float64Array;
  /** 1 where voiced, else 0. */
  voiced: Float64Array;
  /** Periodicity, 0 to 1, and the same as harmonics-to-noise ratio in dB (-30 to 30). */
  periodicity: Float64Array;
  harmonicity: Float64Array;
}

/** A frame is voiced if it is at least this periodic and at most 40 dB below the loudest frame. */
const PERIODIC = 0.5, QUIETEST = 1e-4;

/** Computes pitch, voicing and harmonicity of a clip; `energy` is the power of its frames. */
export function melody(
  samples: Float32Array,
  energy: Float64Array,
  track: PitchTracker = pitchFrameByFrame,
): Melody {
  const frames = frameCount(samples.length);
  const estimates = track(samples, (FRAME - PITCH_FRAME) / 2, frames);
  const loudest = energy.reduce((a, b) => Math.max(a, b), 0);
  const periodicity = Float64Array.from(estimates, (estimate) => estimate.periodicity);
  const voiced = Float64Array.from(
    periodicity,
    (value, i) => Number(value > PERIODIC && energy[i] > QUIETEST * loudest),
  );
  return {
    octave: bridged(Float64Array.from(estimates, ({ f0 }) => Math.log2(f0 / 100)), voiced),
    voiced,
    periodicity,
    harmonicity: periodicity.map((r) => 10 * Math.log10(clamp(r, 1e-3, 0.999) / (1 - clamp(r, 1e-3, 0.999)))),
  };
}

const clamp = (x: number, low: number, high: number) => Math.min(high, Math.max(low, x));

/**
 * Smooths pitch: the median of five voiced neighbours removes octave jumps, unvoiced frames are interpolated
 * linearly, and all are 0 if none is voiced.
 */
function bridged(octave: Float64Array, voiced: Float64Array): Float64Array {
  const frames = octave.length, line = new Float64Array(frames);
  let last = -1;
  for (let i = 0; i < frames; i++) {
    if (!voiced[i]) continue;
    const near = [];
    for (let j = Math.max(0, i - 2); j <= Math.min(frames - 1, i + 2); j++) {
      if (voiced[j]) near.push(octave[j]);
    }
    line[i] = near.sort((a, b) => a - b)[near.length >> 1];
    const from = last < 0 ? line[i] : line[last];
    for (let j = last + 1; j < i; j++) line[j] = from + (line[i] - from) * (j - last) / (i - last);
    last = i;
  }
  if (last >= 0) line.fill(line[last], last + 1);
  return line;
}

/** Limits of the frequency band, as telephones and cheap microphones have them. */
import { SAMPLE_RATE } from "../audio/mod.ts";
import type { WaveformAugmentation } from "./augmentation.ts";
import { between } from "./between.ts";

/** Taps of the filter: its edges are 100 Hz wide. */
const TAPS = 641;
/** Shape of the Kaiser window: 60 dB of attenuation. */
const BETA = 5.65;
const NYQUIST = SAMPLE_RATE / 2;

/**
 * Returns samples without what lies below `low` and above `high` Hz: 60 dB less from 50 Hz beyond a limit,
 * 6 dB less at the limit, unchanged from 50 Hz within. The filter is symmetric, so nothing moves in time. A
 * limit at 0 Hz or at 8 kHz removes nothing.
 */
export function limitBand(samples: Float32Array, low: number, high: number): Float32Array {
  if (low <= 0 && high >= NYQUIST) return samples;
  const half = (TAPS - 1) / 2, weights = bandPass(Math.max(0, low), Math.min(NYQUIST, high));
  const padded = new Float32Array(samples.length + TAPS - 1); // silence around the recording
  padded.set(samples, half);
  return samples.map((_, at) => {
    let sum = weights[half] * padded[at + half];
    for (let i = 0; i < half; i++) sum += weights[i] * (padded[at + i] + padded[at + TAPS - 1 - i]);
    return sum;
  });
}

/** Windowed sinc: a low-pass at `high` minus one at `low`. */
function bandPass(low: number, high: number): Float64Array {
  const half = (TAPS - 1) / 2;
  const sinc = (hertz: number, n: number) =>
    n === 0 ? 2 * hertz / SAMPLE_RATE : Math.sin(2 * Math.PI * hertz / SAMPLE_RATE * n) / (Math.PI * n);
  const upper = (n: number) => high >= NYQUIST ? Number(n === 0) : sinc(high, n);
  return Float64Array.from({ length: TAPS }, (_, i) => {
    const n = i - half;
    return (upper(n) - (low > 0 ? sinc(low, n) : 0)) * kaiser(n / half);
  });
}

const kaiser = (x: number): number => bessel(BETA * Math.sqrt(Math.max(0, 1 - x * x))) / bessel(BETA);

/** Returns the modified Bessel function of the first kind, order 0, by its power series. */
function bessel(x: number): number {
  let sum = 1;
  for (let k = 1, term = 1; term > sum * 1e-17; k++) sum += term *= (x / 2 / k) ** 2;
  return sum;
}

export const band: WaveformAugmentation = {
  id: "band",
  summary: "a frequency band drawn between all of 0 to 8000 Hz and [low,high]; one number is the upper limit",
  acts: "waveform",
  limits: [0, NYQUIST],
  range: (high) => [0, high],
  apply: (samples, [low, high], random) =>
    limitBand(samples, between([0, low], random), between([high, NYQUIST], random)),
};

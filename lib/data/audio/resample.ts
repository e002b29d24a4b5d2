/**
 * Band-limited resampling: a windowed sinc (Kaiser), evaluated at the phases of a rational ratio (J. O.
 * Smith, "Digital Audio Resampling"; window after Kaiser 1974). Relative to the lower Nyquist frequency,
 * everything up to 0.92 passes within 0.01 dB, and everything from 1 on is attenuated by 80 dB.
 */

import { resampleBlocks } from "./resample_blocks.ts";

/** Sample rate of all encoders, in Hz. */
export const SAMPLE_RATE = 16000;

const STOP_BAND = 80; // dB
const ZEROS = 64; // zero crossings on either side, at the lower rate
const BETA = 0.1102 * (STOP_BAND - 8.7);
/**
 * Middle of the transition band. The band ends at Nyquist; its width is Kaiser's (A - 7.95) / (2.285 (2
 * ZEROS)) rad.
 */
const CUTOFF = 1 - (STOP_BAND - 7.95) / (2.285 * 2 * ZEROS) / (2 * Math.PI);

/** Most weights of a filter with a row for each phase: 4 MB. Every usual rate needs far fewer. */
const MOST_WEIGHTS = 2 ** 20;
/**
 * Rows per sample at the lower rate, if there are too many phases for a row each. Interpolation between rows
 * then has an error below -110 dB.
 */
const ROWS = 512;
/** Filters that are kept: speeds from 0.9 to 1.1 in steps of 0.01 have 21. */
const MOST_FILTERS = 24;

/**
 * Filter weights `[rows + 1, taps]`. Row p weighs the inputs around a time that lies p/rows of a sample after
 * one of them. There is a row for each of the `up` phases, or fewer rows to interpolate between.
 */
export interface Filter {
  up: number;
  down: number;
  rows: number;
  taps: number;
  weights: Float32Array;
}

const filters = new Map<string, Filter>();

/** Returns the filter from `from` Hz to `to` Hz, with at most about `MOST_WEIGHTS` weights. */
export function filterFor(from: number, to: number): Filter {
  const key = `${from}:${to}`, filter = filters.get(key) ?? design(from, to);
  filters.delete(key);
  filters.set(key, filter); // the last one used is the last one dropped
  if (filters.size > MOST_FILTERS) filters.delete(filters.keys().next().value!);
  return filter;
}

/**
 * Resamples from `from` Hz to `to` Hz. Returns round(n * to / from) samples; the first is at the same
 * instant.
 */
export function resample(samples: Float32Array, from: number, to: number = SAMPLE_RATE): Float32Array {
  if (from === to) return samples;
  const filter = filterFor(from, to), { up, down, rows, taps } = filter, lead = taps / 2 - 1;
  const length = Math.round(samples.length * to / from);
  if (rows === up) return resampleBlocks(samples, lead, filter, length);
  const padded = new Float32Array(samples.length + taps); // silence around the recording
  padded.set(samples, lead);
  const out = new Float32Array(length);
  for (let k = 0, start = 0, phase = 0; k < out.length; k++) {
    out[k] = valueAt(padded, start, phase, filter);
    phase += down;
    start += Math.floor(phase / up);
    phase %= up;
  }
  return out;
}

/** Resamples a sound piece by piece. All pieces together are what `resample` returns of the whole. */
export interface Resampler {
  next(samples: Float32Array): Float32Array;
  /** Ends the sound and returns its last samples. */
  end(): Float32Array;
}

/** Returns a resampler of one sound. It keeps the few samples that its filter still needs. */
export function resampler(from: number, to: number = SAMPLE_RATE): Resampler {
  if (from === to) return { next: (samples) => samples, end: () => new Float32Array(0) };
  const filter = filterFor(from, to), { up, down, taps } = filter;
  let kept = new Float32Array(taps / 2 - 1); // silence before the recording
  let phase = 0, given = 0, made = 0;

  /** Returns the outputs whose inputs are all there, up to `total` in all. */
  function step(samples: Float32Array, total: number): Float32Array {
    const padded = new Float32Array(kept.length + samples.length);
    padded.set(kept);
    padded.set(samples, kept.length);
    const out: number[] = [];
    let start = 0;
    while (made < total && start + taps <= padded.length) {
      out.push(valueAt(padded, start, phase, filter));
      made++;
      phase += down;
      start += Math.floor(phase / up);
      phase %= up;
    }
    kept = padded.slice(start);
    return Float32Array.from(out);
  }
  return {
    next(samples) {
      given += samples.length;
      return step(samples, Infinity);
    },
    end: () => step(new Float32Array(taps), Math.round(given * to / from)), // silence after it
  };
}

/** Returns one output: the inputs from `start` on, weighed by the row of the phase or between two rows. */
function valueAt(x: Float32Array, start: number, phase: number, { up, rows, taps, weights }: Filter): number {
  const place = rows === up ? phase : phase / up * rows, row = Math.floor(place), rest = place - row;
  const value = Math.fround(product(x, start, weights, row * taps, taps));
  if (rest === 0) return value;
  return value + rest * (product(x, start, weights, (row + 1) * taps, taps) - value);
}

/** Returns the sum over i of x[start + i] * weights[first + i]; `taps` is a multiple of 4. */
function product(x: Float32Array, start: number, weights: Float32Array, first: number, taps: number): number {
  // Computed as four partial sums, because additions to a single sum wait for each other.
  let a = 0, b = 0, c = 0, d = 0;
  for (let i = start, w = first, end = w + taps; w < end; i += 4, w += 4) {
    a += x[i] * weights[w];
    b += x[i + 1] * weights[w + 1];
    c += x[i + 2] * weights[w + 2];
    d += x[i + 3] * weights[w + 3];
  }
  return a + b + c + d;
}

function design(from: number, to: number): Filter {
  const divisor = gcd(from, to);
  const [up, down] = [to / divisor, from / divisor];
  const scale = Math.min(1, to / from); // the lower rate as a share of the input's
  const half = 2 * Math.ceil(ZEROS / scale / 2);
  const taps = 2 * half;
  const rows = (up + 1) * taps <= MOST_WEIGHTS ? up : Math.ceil(ROWS * scale);
  const weights = new Float32Array((rows + 1) * taps);
  for (let phase = 0; phase <= rows; phase++) {
    const row = Float64Array.from({ length: taps }, (_, i) => {
      const t = (i - half + 1 - phase / rows) * scale; // in samples at the lower rate
      return sinc(CUTOFF * t) * kaiser(t / ZEROS);
    });
    const sum = row.reduce((a, b) => a + b);
    weights.set(row.map((weight) => weight / sum), phase * taps); // so that a constant signal keeps its value
  }
  return { up, down, rows, taps, weights };
}

const gcd = (a: number, b: number): number => b === 0 ? a : gcd(b, a % b);
const sinc = (x: number): number => x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
const kaiser = (x: number): number =>
  Math.abs(x) >= 1 ? 0 : bessel(BETA * Math.sqrt(1 - x * x)) / bessel(BETA);

/** Returns the modified Bessel function of the first kind, order 0, by its power series. */
function bessel(x: number): number {
  let sum = 1;
  for (let k = 1, term = 1; term > sum * 1e-17; k++) sum += term *= (x / 2 / k) ** 2;
  return sum;
}

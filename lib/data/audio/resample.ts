/**
 * Band-limited resampling: a windowed sinc (Kaiser), evaluated at the few phases of a rational ratio (J. O.
 * Smith, "Digital Audio Resampling"; window after Kaiser 1974). Relative to the lower Nyquist frequency,
 * everything up to 0.92 passes within 0.01 dB, and everything from 1 on is attenuated by 80 dB.
 */

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

/**
 * Filter weights `[up, taps]`. Row p weighs the inputs around a time that lies p/up of a sample after one of
 * them.
 */
interface Filter {
  up: number;
  down: number;
  taps: number;
  weights: Float32Array;
}

const filters = new Map<string, Filter>();

/**
 * Resamples from `from` Hz to `to` Hz. Returns round(n * to / from) samples; the first is at the same
 * instant.
 */
export function resample(samples: Float32Array, from: number, to: number = SAMPLE_RATE): Float32Array {
  if (from === to) return samples;
  const key = `${from}:${to}`;
  const filter = filters.get(key) ?? design(from, to);
  filters.set(key, filter);
  const { up, down, taps, weights } = filter;
  const padded = new Float32Array(samples.length + taps); // silence around the recording
  padded.set(samples, taps / 2 - 1);
  const out = new Float32Array(Math.round(samples.length * to / from));
  for (let k = 0, start = 0, phase = 0; k < out.length; k++) {
    // out[k] = sum over i of padded[start + i] * weights[phase][i]. Computed as four partial sums, because
    // additions to a single sum wait for each other.
    let a = 0, b = 0, c = 0, d = 0;
    for (let i = start, w = phase * taps, end = w + taps; w < end; i += 4, w += 4) {
      a += padded[i] * weights[w];
      b += padded[i + 1] * weights[w + 1];
      c += padded[i + 2] * weights[w + 2];
      d += padded[i + 3] * weights[w + 3];
    }
    out[k] = a + b + c + d;
    phase += down;
    start += Math.floor(phase / up);
    phase %= up;
  }
  return out;
}

function design(from: number, to: number): Filter {
  const divisor = gcd(from, to);
  const [up, down] = [to / divisor, from / divisor];
  const scale = Math.min(1, to / from); // the lower rate as a share of the input's
  const half = 2 * Math.ceil(ZEROS / scale / 2);
  const taps = 2 * half;
  const weights = new Float32Array(up * taps);
  for (let phase = 0; phase < up; phase++) {
    const row = Float64Array.from({ length: taps }, (_, i) => {
      const t = (i - half + 1 - phase / up) * scale; // in samples at the lower rate
      return sinc(CUTOFF * t) * kaiser(t / ZEROS);
    });
    const sum = row.reduce((a, b) => a + b);
    weights.set(row.map((weight) => weight / sum), phase * taps); // so that a constant signal keeps its value
  }
  return { up, down, taps, weights };
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

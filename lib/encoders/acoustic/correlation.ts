/** Autocorrelation of overlapping frames, from the products of their shared blocks. */
import { HOP } from "./spectrum.ts";

/**
 * Returns the sums over i < `compared` of x[s + i] x[s + i + lag] for the frames that start at s = 0, HOP,
 * 2 HOP, …: `[frames, lags]`, lags from 0 on. `x` must reach `lags` samples beyond the last frame's compared
 * ones.
 *
 * Frame f covers the whole blocks of HOP samples f, f + 1, …, and the head of one more. Each block's products
 * are summed once and serve every frame with that block: a fifth of the products of frame after frame.
 */
export function correlations(x: Float64Array, frames: number, compared: number, lags: number): Float64Array {
  const whole = Math.floor(compared / HOP), head = compared % HOP, blocks = frames + whole;
  const heads = new Float64Array(blocks * lags), all = new Float64Array(blocks * lags);
  for (let block = 0; block < blocks; block++) {
    const from = block * HOP;
    addProducts(x, from, from + head, heads, block * lags, lags);
    if (block === blocks - 1) break; // only its head is needed
    all.set(heads.subarray(block * lags, (block + 1) * lags), block * lags);
    addProducts(x, from + head, from + HOP, all, block * lags, lags);
  }
  const sums = new Float64Array(frames * lags);
  for (let frame = 0; frame < frames; frame++) {
    for (let lag = 0; lag < lags; lag++) {
      let sum = heads[(frame + whole) * lags + lag];
      for (let block = frame; block < frame + whole; block++) sum += all[block * lags + lag];
      sums[frame * lags + lag] = sum;
    }
  }
  return sums;
}

/** Adds, for each lag, the products of x[i] and x[i + lag] for i from `from` to `to` - 1. */
function addProducts(
  x: Float64Array,
  from: number,
  to: number,
  sums: Float64Array,
  at: number,
  lags: number,
): void {
  // Four lags at a time, so that additions do not wait for each other.
  for (let lag = 0; lag < lags; lag += 4) {
    let a = 0, b = 0, c = 0, d = 0;
    let x0 = x[from + lag], x1 = x[from + lag + 1], x2 = x[from + lag + 2];
    for (let i = from; i < to; i++) {
      const own = x[i], x3 = x[i + lag + 3];
      a += own * x0;
      b += own * x1;
      c += own * x2;
      d += own * x3;
      x0 = x1;
      x1 = x2;
      x2 = x3;
    }
    sums[at + lag] += a;
    sums[at + lag + 1] += b;
    sums[at + lag + 2] += c;
    sums[at + lag + 3] += d;
  }
}

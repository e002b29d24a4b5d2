/** Autocorrelation of overlapping frames, from the products of their shared blocks. */
import { type Products, simdProducts } from "../../simd/mod.ts";
import { HOP } from "./spectrum.ts";

/** Products are summed four at a time. */
const TAPS = 4;

let scratch: Products = simdProducts({ x: 0, weights: HOP + TAPS, sums: 0 });

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
  const products = productsOf(x, lags);
  const heads = new Float64Array(blocks * lags), all = new Float64Array(blocks * lags);
  for (let block = 0; block < blocks; block++) {
    const from = block * HOP, own = heads.subarray(block * lags, (block + 1) * lags);
    own.set(products(from, from + head));
    if (block === blocks - 1) break; // only its head is needed
    const rest = products(from + head, from + HOP);
    for (let lag = 0; lag < lags; lag++) all[block * lags + lag] = own[lag] + rest[lag];
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

/**
 * Returns a function that returns, for each lag, the sum of the products of x[i] and x[i + lag] for i from
 * `from` to `to` - 1. The sums stay until the next call.
 */
function productsOf(x: Float64Array, lags: number): (from: number, to: number) => Float64Array {
  const length = x.length + 2 * TAPS; // for lags and products up to the next multiple of 4
  if (scratch.x.length < length || scratch.sums.length < lags) {
    scratch = simdProducts({ x: length, weights: HOP + TAPS, sums: lags });
  }
  const { weights, sums, run } = scratch;
  scratch.x.set(x);
  scratch.x.fill(0, x.length, length);
  return (from, to) => {
    const taps = TAPS * Math.ceil((to - from) / TAPS);
    weights.set(x.subarray(from, to));
    weights.fill(0, to - from, taps);
    run(from, 1, taps, lags);
    return sums.subarray(0, lags);
  };
}

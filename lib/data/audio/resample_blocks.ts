/** Resamples a whole sound with a filter that has a row for each phase, many samples at a time. */
import { type Products, simdProducts } from "../../simd/mod.ts";
import type { Filter } from "./resample.ts";

/** Inputs of a block, about: they stay in the CPU cache. */
const BLOCK = 2 ** 15;

let scratch: Products = simdProducts({ x: 0, weights: 0, sums: 0 });

/** Returns arrays of at least these lengths, for use until the next call. */
function arrays(lengths: { x: number; weights: number; sums: number }): Products {
  const { x, weights, sums } = scratch;
  if (x.length >= lengths.x && weights.length >= lengths.weights && sums.length >= lengths.sums) {
    return scratch;
  }
  return scratch = simdProducts({
    x: Math.max(x.length, lengths.x),
    weights: Math.max(weights.length, lengths.weights),
    sums: Math.max(sums.length, lengths.sums),
  });
}

/**
 * Returns `length` outputs of a filter, equal to those of one after the other to the last bit. The filter's
 * first input is `lead` samples before the sound; what is not there counts as 0.
 *
 * Outputs `up` apart have the same phase, so they share a row of weights and their inputs are `down` apart.
 */
export function resampleBlocks(
  samples: Float32Array,
  lead: number,
  { up, down, taps, weights }: Filter,
  length: number,
): Float32Array {
  const out = new Float32Array(length);
  const most = 4 * Math.ceil(BLOCK / down / 4); // outputs of a phase in a block
  const inputs = most * down + taps;
  const { x, weights: row, sums, run } = arrays({ x: inputs, weights: taps, sums: most });
  for (let first = 0, from = -lead; first < length; first += most * up, from += most * down) {
    const begin = Math.max(0, from), end = Math.min(samples.length, from + inputs);
    x.fill(0, 0, inputs);
    if (begin < end) x.set(samples.subarray(begin, end), begin - from);
    for (let i = 0; i < up && first + i < length; i++) {
      const count = Math.min(most, Math.ceil((length - first - i) / up)), phase = i * down % up;
      row.set(weights.subarray(phase * taps, (phase + 1) * taps));
      run(Math.floor(i * down / up), down, taps, count);
      for (let m = 0, at = first + i; m < count; m++, at += up) out[at] = sums[m];
    }
  }
  return out;
}

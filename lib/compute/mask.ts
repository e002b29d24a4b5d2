/**
 * Random masks from a counter-based generator: equal on every engine, computed eight numbers at a time in
 * WebAssembly.
 */
import { STEP } from "../random.ts";
import {
  addWords,
  and,
  atLeast,
  constant,
  interleaveHigh,
  interleaveLow,
  mulWords,
  or,
  shiftRight,
  simdArrays,
  type SimdCode,
  simdLoop,
  simdMemory,
  splat,
  xor,
} from "../simd/mod.ts";

/** Numbers per block: 64 KiB, which stay in the CPU cache until they are copied to the mask. */
const BLOCK = 2 ** 14;

/**
 * Fills `mask` with 0 at a `share` of positions, else with 1 / (1 - share). The share is rounded to a
 * multiple of 2^-16. Word `i` of the seed's stream (`randomWords`) decides numbers 2i, by its lower half, and
 * 2i + 1, by its upper half.
 */
export function drawMask(mask: Float32Array, seed: number, share: number): void {
  const threshold = Math.round(share * 2 ** 16), scale = 1 / (1 - threshold / 2 ** 16);
  const { block, loop } = generator ??= assemble();
  for (let start = 0; start < mask.length; start += BLOCK) {
    const count = Math.min(BLOCK, mask.length - start);
    const state = seed + Math.imul(STEP, start / 2) | 0;
    loop(count, { mask: block.byteOffset }, { state, threshold, scale });
    mask.set(count === BLOCK ? block : block.subarray(0, count), start);
  }
}

let generator: ReturnType<typeof assemble> | undefined;

function assemble() {
  const [[block]] = simdArrays([[BLOCK]]);
  const loop = simdLoop({
    arrays: ["mask"],
    scalars: ["state", "threshold", "scale"],
    words: ["state", "threshold"],
    width: 8,
  }, ({ scalars, keep, store, count }) => {
    const first = addWords(scalars.state, constant(STEP, 2 * STEP, 3 * STEP, 4 * STEP));
    const word = keep(mixed(keep, count(first, 4 * STEP)));
    const kept = (half: SimdCode) => keep(and(atLeast(half, scalars.threshold), scalars.scale));
    const even = kept(and(word, splat(0xffff))), odd = kept(shiftRight(word, 16));
    store("mask", interleaveLow(even, odd), 0);
    store("mask", interleaveHigh(even, odd), 1);
  })(simdMemory(block)!);
  return { block, loop };
}

/** The mixing function of lib/random.ts, on four states at once. */
function mixed(keep: (lanes: SimdCode) => SimdCode, counter: SimdCode): SimdCode {
  const state = keep(counter);
  const t = keep(mulWords(xor(state, shiftRight(state, 15)), or(state, splat(1))));
  const u = keep(xor(t, addWords(t, mulWords(xor(t, shiftRight(t, 7)), or(t, splat(61))))));
  return xor(u, shiftRight(u, 14));
}

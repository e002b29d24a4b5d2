/** Seeded random numbers. All randomness of the library comes from here, and never from `Math.random`. */

/** A stream of random draws from one seed. */
export interface Random {
  /** Draws a float, uniform in [0, 1). */
  uniform(): number;
  /** Draws from the standard normal distribution. */
  normal(): number;
  /** Draws an integer, uniform in [0, bound). */
  integer(bound: number): number;
  /** Returns a shuffled copy (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[];
}

/**
 * Hashes several parts into one 32-bit seed (FNV-1a, then a finaliser), so that the streams of one run
 * differ.
 */
export function seedOf(...parts: (number | string)[]): number {
  let hash = 0x811c9dc5;
  for (const char of parts.join("\u0000")) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Returns the first `length` 32-bit words of a seed's stream. Faster than single draws if very many are
 * needed.
 */
export function randomWords(seed: number, length: number): Uint32Array {
  const words = new Uint32Array(length);
  for (let i = 0, state = seed | 0; i < length; i++) {
    state = (state + STEP) | 0;
    words[i] = mixed(state);
  }
  return words;
}

/** The amount added to a stream's state at each draw. */
export const STEP = 0x6d2b79f5;

function mixed(state: number): number {
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return t ^ (t >>> 14);
}

/** Creates a stream from a seed (mulberry32: T. Ettinger, public domain description; period 2^32). */
export function random(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + STEP) >>> 0;
    return mixed(state) >>> 0;
  };
  const uniform = () => next() / 2 ** 32;
  const integer = (bound: number) => Math.floor(uniform() * bound);
  return {
    uniform,
    integer,
    /** Box-Muller; 1 - u keeps the logarithm finite. */
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    shuffle(items) {
      const copy = [...items];
      for (let i = copy.length - 1; i > 0; i--) {
        const j = integer(i + 1);
        [copy[i], copy[j]] = [copy[j], copy[i]];
      }
      return copy;
    },
  };
}

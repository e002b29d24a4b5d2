/** Seeded randomness: every draw of the library comes from here, none from `Math.random`. */

/** A stream of 32-bit draws and what is made of them. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform integer in [0, bound). */
  integer(bound: number): number;
  /** A shuffled copy (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[];
}

/** One 32-bit seed from several parts, so that streams of one run never collide (FNV-1a, then a finaliser). */
export function seedOf(...parts: (number | string)[]): number {
  let hash = 0x811c9dc5;
  for (const char of parts.join("\u0000")) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The first draws of a seed's stream as 32-bit words, made in one go for what needs very many. */
export function randomWords(seed: number, length: number): Uint32Array {
  const words = new Uint32Array(length);
  for (let i = 0, state = seed | 0; i < length; i++) {
    state = (state + STEP) | 0;
    words[i] = mixed(state);
  }
  return words;
}

/** By how much the state of a stream grows with each draw. */
export const STEP = 0x6d2b79f5;

function mixed(state: number): number {
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return t ^ (t >>> 14);
}

/** A stream from a seed (mulberry32: T. Ettinger, public domain description; period 2^32). */
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

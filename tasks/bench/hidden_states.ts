/** Random hidden states with the lengths of a real corpus, of any width. Each has its own memory. */
import type { Example } from "../../lib/data/mod.ts";
import type { Sequence } from "../../lib/encoders/mod.ts";
import { type Random, random } from "../../lib/random.ts";

/** Draws a length. */
type Lengths = (draw: Random) => number;

/** The width of the hidden states, and the number of them in a row. */
export interface Shape {
  width: number;
  lengths: Lengths;
}

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, Math.round(value)));

/** Token counts of dialogue lines: most are short, few are long. */
export const tokens: Lengths = ({ normal }) => clamp(Math.exp(2.2 + 0.6 * normal()), 3, 40);

/** Counts of 80 ms frames of clips that last one to five seconds. */
export const frames: Lengths = ({ normal }) => clamp(33 + 9 * normal(), 12, 55);

/** Lengths up to `longest`. Every fourth row has that length, so that each batch is that long. */
export const upTo = (longest: number): Lengths => ({ integer }) =>
  integer(4) === 0 ? longest : 1 + integer(longest);

/**
 * Noise is copied from one stretch of this size, because drawing every number would take longer than the
 * benchmark.
 */
const STRETCH = 2 ** 20;
let stretch: Float32Array | undefined;

/** Returns `size` roughly normal numbers, from a random place in the stretch. */
export function noise(size: number, draw: Random, deviation = 1): Float32Array<ArrayBuffer> {
  stretch ??= Float32Array.from({ length: STRETCH }, random(0).normal);
  const numbers = new Float32Array(size);
  const start = draw.integer(STRETCH);
  for (let i = 0; i < size; i++) numbers[i] = deviation * stretch[(start + i) % STRETCH];
  return numbers;
}

/** Returns random examples with both modalities and labels. */
export function syntheticExamples(
  { rows, text, audio, classes, seed }: {
    rows: number;
    text: Shape;
    audio: Shape;
    classes: number;
    seed: number;
  },
): Example[] {
  const draw = random(seed);
  const sequence = ({ width, lengths }: Shape): Sequence => {
    const length = lengths(draw);
    return { data: noise(length * width, draw), length, width };
  };
  return Array.from({ length: rows }, (_, row) => ({
    id: `row_${row}`,
    text: sequence(text),
    audio: sequence(audio),
    target: { kind: "class", value: draw.integer(classes) },
  }));
}

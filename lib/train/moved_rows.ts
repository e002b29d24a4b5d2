/**
 * Which rows of an embedding table have moved. A row that no batch has looked up has no gradient and no
 * moments: an update only decays it. A vocabulary has far more rows than a corpus has words.
 */
import type { ParameterState } from "./optimizer.ts";

/**
 * Spans of an array's numbers: each from its first number up to its second, in order, none touching the next.
 */
export type Spans = readonly (readonly [from: number, to: number])[];

/** Rows of a table that have had a gradient. */
export interface MovedRows {
  /** Adds rows. */
  add(rows: Iterable<number>): void;
  /** The numbers of all rows so far. */
  spans(): Spans;
}

/** Returns the rows of a table `[N,width]` whose slots are not all zero. */
export function movedRows({ step, slots }: ParameterState, width: number): MovedRows {
  const arrays = Object.values(slots), moved = new Uint8Array(arrays[0].length / width);
  const isMoved = (row: number) =>
    arrays.some((slot) => slot.subarray(row * width, (row + 1) * width).some((x) => x !== 0));
  if (step > 0) moved.forEach((_, row) => moved[row] = Number(isMoved(row)));
  let spans: Spans | undefined;
  return {
    add(rows) {
      for (const row of rows) {
        if (!moved[row]) spans = undefined;
        moved[row] = 1;
      }
    },
    spans: () => spans ??= spansOf(indicesOf(moved), width),
  };
}

function* indicesOf(flags: Uint8Array): Generator<number> {
  for (let i = flags.indexOf(1); i >= 0; i = flags.indexOf(1, i + 1)) yield i;
}

/** Returns the numbers of ascending rows. */
export function spansOf(rows: Iterable<number>, width: number): Spans {
  const spans: [number, number][] = [];
  for (const row of rows) {
    const last = spans.at(-1), from = row * width;
    if (last?.[1] === from) last[1] += width;
    else spans.push([from, from + width]);
  }
  return spans;
}

/** Returns the numbers of an array of this length that are in none of the spans. */
export function gapsOf(spans: Spans, length: number): Spans {
  const edges = [0, ...spans.flat(), length];
  const gaps = Array.from({ length: edges.length / 2 }, (_, i) => [edges[2 * i], edges[2 * i + 1]] as const);
  return gaps.filter(([from, to]) => from < to);
}

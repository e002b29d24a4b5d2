/** Shows the range of continuous values, which tells their scale. */
import { type Dataset, type Split, SPLITS } from "./utterance.ts";

/** The least, mean and greatest value of a dimension. */
export interface ValueRange {
  /** The least value. */
  least: number;
  /** The mean over the rows. */
  mean: number;
  /** The greatest value. */
  most: number;
}

/**
 * Returns the range of each dimension in each split that has rows, or undefined for another kind of target.
 */
export function valueRanges(
  { target, labels, rows }: Pick<Dataset, "target" | "labels" | "rows">,
): Record<string, Partial<Record<Split, ValueRange>>> | undefined {
  if (target !== "values") return undefined;
  const of = (name: string) =>
    SPLITS.flatMap((split) => {
      const own = rows.filter((row) => row.split === split).flatMap(({ target }) => target?.[name] ?? []);
      if (own.length === 0) return [];
      const [least, most] = [Math.min, Math.max].map((end) => own.reduce((a, b) => end(a, b)));
      return [[split, { least, mean: own.reduce((a, b) => a + b) / own.length, most }]];
    });
  return Object.fromEntries(labels.map((name) => [name, Object.fromEntries(of(name))]));
}

/** Says the ranges: "valence: 1 to 5 in train, mean 2.79; 1.5 to 4.5 in dev, mean 3". */
export const rangeLines = (ranges: ReturnType<typeof valueRanges> = {}): string[] =>
  Object.entries(ranges).map(([name, bySplit]) => {
    const parts = Object.entries(bySplit).map(([split, { least, mean, most }]) =>
      `${short(least)} to ${short(most)} in ${split}, mean ${short(mean)}`
    );
    return `${name}: ${parts.join("; ") || "no row"}.`;
  });

const short = (value: number): string => String(Number(value.toPrecision(3)));

/** Counts the points of a scatter in square bins. */

/** The counts of points in bins of a square, and the side of a bin. */
export interface Density {
  /** Counts `[bins][bins]`: row = bin of y, column = bin of x, both from the lowest on. */
  counts: number[][];
  /** Lower end of the first bin of each axis. */
  low: number;
  /** Side of a bin. */
  side: number;
  /** The largest count. */
  most: number;
}

/** Counts points within `[low, high]` of both axes in `bins` by `bins` squares. */
export function densityOf(
  x: readonly number[],
  y: readonly number[],
  { low, high, bins }: { low: number; high: number; bins: number },
): Density {
  const side = (high - low) / bins;
  const bin = (value: number) => Math.min(bins - 1, Math.max(0, Math.floor((value - low) / side)));
  const counts = Array.from({ length: bins }, () => new Array<number>(bins).fill(0));
  x.forEach((value, i) => counts[bin(y[i])][bin(value)]++);
  const most = counts.reduce((all, row) => row.reduce((a, b) => Math.max(a, b), all), 0);
  return { counts, low, side, most };
}

/** The interval of a share. */
import { badInput } from "../errors.ts";
import type { Interval } from "./significance.ts";

/** The 97.5 percentile of the standard normal distribution. */
const Z = 1.959963984540054;

/**
 * Returns the 95 % interval of a share of independent rows (Wilson 1927). It stays within 0 to 1, and has a
 * width even if all rows agree. Throws UndertoneError if there are no rows, or fewer than `count`.
 *
 * @example
 * ```ts
 * import { wilson } from "@undertone/undertone";
 *
 * const [low, high] = wilson(9, 10); // 9 of 10 rows are right: 0.596 to 0.982
 * ```
 */
export function wilson(count: number, rows: number): Interval {
  if (!(rows > 0 && count >= 0 && count <= rows)) {
    throw badInput({
      expected: "a count of one or more rows",
      found: `${count} of ${rows}`,
      at: "the interval of a share",
      todo: "Count the rows of a share among all rows.",
    });
  }
  const share = count / rows, square = Z ** 2 / rows;
  const middle = (share + square / 2) / (1 + square);
  const half = Z / (1 + square) * Math.sqrt(share * (1 - share) / rows + square / rows / 4);
  return [count === 0 ? 0 : middle - half, count === rows ? 1 : middle + half];
}

/** Adjusts p-values for several comparisons. */
import { badInput } from "../errors.ts";

/**
 * Returns the p-values of m comparisons adjusted by Holm's step-down method, in their order. The i-th
 * smallest becomes the largest of min(1, (m - j + 1) p_j) over j <= i, so that rejecting those at most alpha
 * keeps the chance of any false rejection at most alpha (Holm 1979, Scandinavian Journal of Statistics 6,
 * 65-70). Throws UndertoneError if one is not from 0 to 1.
 *
 * @example
 * ```ts
 * import { holm } from "@undertone/undertone";
 *
 * console.log(holm([0.01, 0.04, 0.03])); // [0.03, 0.06, 0.06]
 * ```
 */
export function holm(p: readonly number[]): number[] {
  const odd = p.find((value) => !(value >= 0 && value <= 1));
  if (odd !== undefined) {
    throw badInput({
      expected: "p-values from 0 to 1",
      found: `${odd}`,
      at: "Holm's adjustment",
      todo: "Leave comparisons without a p-value out.",
    });
  }
  const ranked = [...p.keys()].sort((a, b) => p[a] - p[b]), adjusted: number[] = [];
  let largest = 0;
  ranked.forEach((at, rank) => {
    largest = Math.max(largest, Math.min(1, (p.length - rank) * p[at]));
    adjusted[at] = largest;
  });
  return adjusted;
}

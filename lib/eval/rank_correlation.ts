/** The correlation of two rankings. */
import { badInput } from "../errors.ts";

/**
 * Returns Spearman's rank correlation: Pearson's correlation of the ranks, where equal values share the mean
 * of their ranks (Spearman 1904, as `scipy.stats.spearmanr`). Returns null if it is undefined: fewer than two
 * values, or one list all equal. Throws UndertoneError if the lengths differ or a value is not finite.
 *
 * @example
 * ```ts
 * import { spearman } from "@undertone/undertone";
 *
 * console.log(spearman([0.1, 0.7, 0.2], [0, 2, 1])); // 1
 * ```
 */
export function spearman(a: readonly number[], b: readonly number[]): number | null {
  const odd = [...a, ...b].find((value) => !Number.isFinite(value));
  if (a.length !== b.length || odd !== undefined) {
    throw badInput({
      expected: "two lists of finite numbers of one length",
      found: odd === undefined ? `${a.length} and ${b.length} numbers` : `${odd}`,
      at: "the rank correlation",
      todo: "Pass two numbers for each item.",
    });
  }
  const [x, y] = [ranks(a), ranks(b)], middle = (a.length + 1) / 2;
  const sum = (of: (i: number) => number) => x.reduce((total, _, i) => total + of(i), 0);
  const spread = Math.sqrt(sum((i) => (x[i] - middle) ** 2) * sum((i) => (y[i] - middle) ** 2));
  return spread > 0 ? sum((i) => (x[i] - middle) * (y[i] - middle)) / spread : null;
}

/** Returns ranks from 1; equal values share the mean of theirs. */
function ranks(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((i, j) => values[i] - values[j]), ranked: number[] = [];
  for (let first = 0, next = 0; first < order.length; first = next) {
    while (next < order.length && values[order[next]] === values[order[first]]) next++;
    for (let k = first; k < next; k++) ranked[order[k]] = (first + 1 + next) / 2;
  }
  return ranked;
}

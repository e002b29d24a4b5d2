import { badInput } from "../errors.ts";

/** Mean and deviation over repeated runs, shown as "58.7 ± 0.6" in tables. */
export interface Spread {
  /** Mean of the values. */
  mean: number;
  /** Sample deviation (n - 1); null for a single value. */
  deviation: number | null;
  /** Number of values. */
  n: number;
}

/**
 * Returns the mean and the sample deviation. Throws UndertoneError if there are no values or one is not
 * finite.
 *
 * @example
 * ```ts
 * import { spread } from "@undertone/undertone";
 *
 * const { mean, deviation } = spread([0.58, 0.6, 0.59]); // 0.59, 0.01
 * ```
 */
export function spread(values: readonly number[]): Spread {
  const odd = values.find((value) => !Number.isFinite(value));
  if (values.length === 0 || odd !== undefined) {
    throw badInput({
      expected: "one or more finite values",
      found: values.length === 0 ? "none" : `${odd}`,
      at: "a mean over repetitions",
      todo: "Leave out runs without a value.",
    });
  }
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: n > 1 ? Math.sqrt(squares / (n - 1)) : null, n };
}

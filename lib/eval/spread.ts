import { badInput } from "../errors.ts";

/** Mean and spread over repetitions of a run, as "58.7 ± 0.6" of tables. */
export interface Spread {
  /** Their mean. */
  mean: number;
  /** Sample deviation (n - 1); null for a single value. */
  deviation: number | null;
  /** How many there are. */
  n: number;
}

/**
 * Mean and sample deviation. Throws UndertoneError for no value, and for one that is not finite.
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
      todo: "Leave out what has no value.",
    });
  }
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: n > 1 ? Math.sqrt(squares / (n - 1)) : null, n };
}

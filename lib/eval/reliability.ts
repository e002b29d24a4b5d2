/** Reliability: how often the rows of each confidence are right. */
import { argmax, binOf, BINS, requireProbabilities } from "./calibration.ts";
import type { Interval } from "./significance.ts";
import { wilson } from "./wilson.ts";

/** Rows whose confidence, the probability of their most probable class, lies in (low, high]. */
export interface ReliabilityBin {
  /** Lower edge, which the bin does not hold. */
  low: number;
  /** Upper edge. */
  high: number;
  /** Number of rows. */
  n: number;
  /** Mean confidence; null without rows. */
  confidence: number | null;
  /** Share of rows whose most probable class is the true one; null without rows. */
  accuracy: number | null;
  /** 95 % Wilson interval of the accuracy, for independent rows; null without rows. */
  interval_95: Interval | null;
}

/**
 * Returns the confidence and the accuracy of rows in equal-width bins of confidence. `probabilities` are
 * `[N,C]`, `truth` is class indices `[N]`. The expected calibration error sums the gaps of these bins. Throws
 * UndertoneError if a value is no probability, a true class is out of range, or there are no rows.
 *
 * @example
 * ```ts
 * import { reliability, reliabilityFigure } from "@undertone/undertone";
 *
 * const bins = reliability([0, 1, 1], [[0.9, 0.1], [0.3, 0.7], [0.6, 0.4]], 10);
 * const { svg } = reliabilityFigure({ dev: bins });
 * ```
 */
export function reliability(
  truth: ArrayLike<number>,
  probabilities: readonly ArrayLike<number>[],
  bins: number = BINS,
): ReliabilityBin[] {
  requireProbabilities(truth, probabilities);
  const counted = Array.from({ length: bins }, () => ({ confidences: [] as number[], right: 0 }));
  probabilities.forEach((row, i) => {
    const top = argmax(row), bin = counted[binOf(row[top], bins)];
    bin.confidences.push(row[top]);
    bin.right += Number(top === truth[i]);
  });
  return counted.map(({ confidences, right }, i) => {
    const n = confidences.length, edges = { low: i / bins, high: (i + 1) / bins, n };
    return n === 0
      ? { ...edges, confidence: null, accuracy: null, interval_95: null }
      : { ...edges, confidence: sumOf(confidences) / n, accuracy: right / n, interval_95: wilson(right, n) };
  });
}

/** Adds numbers from small to large, so that the order of the rows changes nothing. */
const sumOf = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b).reduce((sum, number) => sum + number, 0);

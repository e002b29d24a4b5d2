/** 95 % intervals of the scores of each class. */
import { type ClassScores, scoresOfRows } from "./confusion.ts";
import { type Interval, interval95, type Resamples } from "./significance.ts";

/** The intervals of a class's scores. Support has none: it is a count of the data. */
export type ClassIntervals = Record<Exclude<keyof ClassScores, "support">, Interval>;

/**
 * Returns the bootstrap interval of precision, recall and F1 of each class, from true and predicted class
 * indices `[N]`. A score whose denominator is 0 on a resample counts as 0 there, as in the table itself.
 * Throws UndertoneError if a class is not 0 to `classes` - 1, or there are no resamples.
 *
 * @example
 * ```ts
 * import { classIntervals, metrics, perClassTable, resampleRows, show } from "@undertone/undertone";
 *
 * const truth = [0, 0, 1, 1], predicted = [0, 1, 1, 1];
 * const intervals = classIntervals(truth, predicted, 2, resampleRows(truth.length, 1000, 1));
 * show(perClassTable(metrics(truth, predicted, ["joy", "anger"]), "dev", intervals));
 * ```
 */
export function classIntervals(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
  resamples: Resamples,
): ClassIntervals[] {
  const drawn = Array.from(resamples, (rows) => scoresOfRows(truth, predicted, classes, rows));
  return Array.from({ length: classes }, (_, c) => {
    const of = (score: keyof ClassIntervals) => interval95(drawn.map((scores) => scores[c][score]));
    return { precision: of("precision"), recall: of("recall"), f1: of("f1") };
  });
}

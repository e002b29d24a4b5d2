/** Floors that need no model: what the label counts of the training split alone can do. */
import { badInput } from "../errors.ts";
import { type Metrics, metrics, metricsOf } from "./metrics.ts";

/** The most frequent class of the training rows (the first one of a tie). */
export function majorityClass(train: ArrayLike<number>, classes: number): number {
  const counts = countClasses(train, classes);
  return counts.indexOf(Math.max(...counts));
}

/** Always the most frequent class of the training rows. */
export function majorityFloor(
  train: ArrayLike<number>,
  truth: ArrayLike<number>,
  labels: readonly string[],
): Metrics {
  const predicted = new Array<number>(truth.length).fill(majorityClass(train, labels.length));
  return metrics(truth, predicted, labels);
}

/**
 * Classes drawn at the training rows' frequencies. No draw is made: the confusion matrix holds its expected counts,
 * which are fractions, so that accuracy is exact and the other metrics are those of ever larger data.
 */
export function stratifiedFloor(
  train: ArrayLike<number>,
  truth: ArrayLike<number>,
  labels: readonly string[],
): Metrics {
  const counts = countClasses(train, labels.length);
  const confusion = countClasses(truth, labels.length)
    .map((support) => counts.map((count) => support * count / train.length));
  return metricsOf(confusion, labels);
}

/** Throws UndertoneError for no rows, and for one that is no class. */
function countClasses(rows: ArrayLike<number>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (let i = 0; i < rows.length; i++) counts[rows[i]]++;
  const odd = Array.prototype.find.call(rows, (row) => !(Number.isInteger(row) && row >= 0 && row < classes));
  if (rows.length > 0 && odd === undefined) return counts;
  throw badInput({
    expected: `rows of classes 0 to ${classes - 1}`,
    found: rows.length > 0 ? `${odd}` : "none",
    at: "a floor",
    todo: "Leave out rows without a label.",
  });
}

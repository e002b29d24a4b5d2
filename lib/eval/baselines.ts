/** Floors that need no model: what the label counts of the training split alone can do. */
import { type Metrics, metrics } from "./metrics.ts";

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

function countClasses(rows: ArrayLike<number>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (let i = 0; i < rows.length; i++) counts[rows[i]]++;
  return counts;
}

/** Floors that need no model: what the label counts of the training split alone can do. */
import { badInput } from "../errors.ts";
import { type Metrics, metrics } from "./metrics.ts";

/** The most frequent class of the training rows (the first one of a tie). */
export function majorityClass(train: ArrayLike<number>, classes: number): number {
  const counts = countClasses(train, classes);
  return counts.indexOf(Math.max(...counts));
}

/** Always the most frequent class of the training rows. */
export function majorityControl(
  train: ArrayLike<number>,
  truth: ArrayLike<number>,
  labels: readonly string[],
): Metrics {
  const predicted = new Array<number>(truth.length).fill(majorityClass(train, labels.length));
  return metrics(truth, predicted, labels);
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

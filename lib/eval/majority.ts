/** The majority control, which needs no model: it uses only the label counts of the train split. */
import { badInput } from "../errors.ts";
import { type ClassOutcomes, classOutcomes } from "./target.ts";

/** Returns the most frequent class of the training rows, or the first one of a tie. */
export function majorityClass(train: ArrayLike<number>, classes: number): number {
  const counts = countClasses(train, classes);
  return counts.indexOf(Math.max(...counts));
}

/** Returns the outcomes of always predicting the most frequent class of the training rows. */
export function majorityControl(
  train: ArrayLike<number>,
  truth: ArrayLike<number>,
  labels: readonly string[],
): ClassOutcomes {
  const predicted = new Array<number>(truth.length).fill(majorityClass(train, labels.length));
  return classOutcomes(truth, predicted, labels);
}

/** Counts the rows of each class. Throws UndertoneError if there are no rows or a class is out of range. */
function countClasses(rows: ArrayLike<number>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (let i = 0; i < rows.length; i++) counts[rows[i]]++;
  const odd = Array.prototype.find.call(rows, (row) => !(Number.isInteger(row) && row >= 0 && row < classes));
  if (rows.length > 0 && odd === undefined) return counts;
  throw badInput({
    expected: `rows of classes 0 to ${classes - 1}`,
    found: rows.length > 0 ? `${odd}` : "none",
    at: "the majority",
    todo: "Leave out rows without a label.",
  });
}

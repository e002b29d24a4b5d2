/** Classification metrics of a confusion matrix, by scikit-learn's definitions with zero_division 0. */
import { badInput } from "../errors.ts";

/** Counts `[C,C]`: row = truth, column = prediction. */
export type Confusion = readonly (readonly number[])[];

/** The scores of one class. */
export interface ClassScores {
  /** Share of the predictions of this class that are right. */
  precision: number;
  /** Share of the rows of this class that are predicted as it. */
  recall: number;
  /** Harmonic mean of precision and recall. */
  f1: number;
  /** Rows whose truth is this class. */
  support: number;
}

/**
 * Counts (truth, prediction) pairs as `[C,C]`. `rows` selects rows, with repeats, as a bootstrap does. Throws
 * UndertoneError if a class is not 0 to C - 1.
 */
export function confusionMatrix(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
  rows?: ArrayLike<number>,
): number[][] {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const length = rows?.length ?? truth.length;
  for (let i = 0; i < length; i++) {
    const row = rows ? rows[i] : i;
    const counts = confusion[truth[row]];
    if (counts?.[predicted[row]] === undefined) throw noClass(truth[row], predicted[row], row, classes);
    counts[predicted[row]]++;
  }
  return confusion;
}

const noClass = (truth: number, predicted: number, row: number, classes: number) =>
  badInput({
    expected: `classes 0 to ${classes - 1}`,
    found: `${predicted} for ${truth} in row ${row}`,
    at: "the confusion matrix",
    todo: "Pass one true and one predicted class per row.",
  });

/** Returns precision, recall, F1 and support of each class. A ratio with denominator 0 is 0. */
export function perClass(confusion: Confusion): ClassScores[] {
  const predicted = columnSums(confusion);
  return confusion.map((row, c) => scoresOf({ right: row[c], predicted: predicted[c], support: sum(row) }));
}

/**
 * Returns the same scores as `perClass` of `confusionMatrix`, without the matrix: a bootstrap over a thousand
 * classes would build a million counts per resample. Throws UndertoneError as it does.
 */
export function scoresOfRows(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
  rows?: ArrayLike<number>,
): ClassScores[] {
  const [right, guessed, support] = Array.from({ length: 3 }, () => new Array<number>(classes).fill(0));
  const length = rows?.length ?? truth.length;
  for (let i = 0; i < length; i++) {
    const row = rows ? rows[i] : i, t = truth[row], p = predicted[row];
    if (support[t] === undefined || guessed[p] === undefined) throw noClass(t, p, row, classes);
    support[t]++;
    guessed[p]++;
    if (t === p) right[t]++;
  }
  return right.map((right, c) => scoresOf({ right, predicted: guessed[c], support: support[c] }));
}

/** Returns the scores of a class with this many rows, predictions, and rows that are both. */
export const scoresOf = (
  { right, predicted, support }: { right: number; predicted: number; support: number },
): ClassScores => ({
  precision: ratio(right, predicted),
  recall: ratio(right, support),
  f1: ratio(2 * right, support + predicted),
  support,
});

/** Returns the mean F1 of classes. */
export const macroOf = (scores: readonly ClassScores[]): number => mean(scores.map(({ f1 }) => f1));

/** Returns the mean F1 of classes, weighted by support; 0 without any row. */
export const weightedOf = (scores: readonly ClassScores[]): number =>
  ratio(sum(scores.map(({ f1, support }) => f1 * support)), sum(scores.map(({ support }) => support)));

/** Returns the mean recall of the classes that have rows. */
export const balancedOf = (scores: readonly ClassScores[]): number =>
  mean(scores.filter(({ support }) => support > 0).map(({ recall }) => recall));

/**
 * Returns the share of rows that are predicted correctly.
 *
 * @example
 * ```ts
 * import { accuracy } from "@undertone/undertone";
 *
 * accuracy([[3, 1], [1, 1]]); // 4 of 6
 * ```
 */
export const accuracy = (confusion: Confusion): number =>
  sum(confusion.map((row, c) => row[c])) / total(confusion);

/**
 * Returns the mean recall over the classes present in the truth (UAR).
 *
 * @example
 * ```ts
 * import { balancedAccuracy } from "@undertone/undertone";
 *
 * balancedAccuracy([[3, 1], [1, 1]]); // (3/4 + 1/2) / 2
 * ```
 */
export const balancedAccuracy = (confusion: Confusion): number => balancedOf(perClass(confusion));

/**
 * Returns the mean F1 over all classes.
 *
 * @example
 * ```ts
 * import { macroF1 } from "@undertone/undertone";
 *
 * macroF1([[3, 1], [1, 1]]); // (6/8 + 2/4) / 2
 * ```
 */
export const macroF1 = (confusion: Confusion): number => macroOf(perClass(confusion));

/**
 * Returns the mean F1 of the classes, weighted by support.
 *
 * @example
 * ```ts
 * import { weightedF1 } from "@undertone/undertone";
 *
 * weightedF1([[3, 1], [1, 1]]); // (4 * 6/8 + 2 * 2/4) / 6
 * ```
 */
export const weightedF1 = (confusion: Confusion): number => weightedOf(perClass(confusion));

/** Returns the F1 of all decisions pooled. With one label per row it equals accuracy. */
export const microF1 = accuracy;

/** Returns the agreement beyond chance (Cohen 1960), or null if the chance agreement is 1. */
export function cohenKappa(confusion: Confusion): number | null {
  const n = total(confusion), predicted = columnSums(confusion);
  const chance = sum(confusion.map((row, c) => sum(row) * predicted[c])) / n ** 2;
  return chance === 1 ? null : (accuracy(confusion) - chance) / (1 - chance);
}

/**
 * Returns the multi-class Matthews correlation (Gorodkin 2004). It is 0 if the truth or the prediction has a
 * single class.
 */
export function mcc(confusion: Confusion): number {
  const n = total(confusion), truth = confusion.map(sum), predicted = columnSums(confusion);
  const correct = sum(confusion.map((row, c) => row[c]));
  const covariance = (a: number[], b: number[], joint: number) =>
    joint * n - sum(a.map((value, c) => value * b[c]));
  const spread = (a: number[]) => covariance(a, a, n);
  return ratio(covariance(truth, predicted, correct), Math.sqrt(spread(truth) * spread(predicted)));
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const total = (confusion: Confusion): number => sum(confusion.map(sum));
const columnSums = (confusion: Confusion): number[] =>
  confusion.map((_, c) => sum(confusion.map((row) => row[c])));
const ratio = (numerator: number, denominator: number): number =>
  denominator === 0 ? 0 : numerator / denominator;

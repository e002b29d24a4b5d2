/** Classification metrics on plain arrays, by scikit-learn's definitions with zero_division 0. */
import { badInput } from "../errors.ts";

/** Counts [C,C]: row = truth, column = prediction. */
export type Confusion = readonly (readonly number[])[];

export interface ClassMetrics {
  label: string;
  precision: number;
  recall: number;
  f1: number;
  /** Rows whose truth is this class. */
  support: number;
}

/** What a run says of itself to the world; fractions, not percent. JSON has null where a value is undefined. */
export interface Metrics {
  /** Rows counted. */
  n: number;
  accuracy: number;
  /** Unweighted average recall over the classes that occur in the truth. */
  balanced_accuracy: number;
  weighted_f1: number;
  /** Over all classes: one that neither occurs nor is predicted counts as 0. */
  macro_f1: number;
  micro_f1: number;
  /** Null where truth and prediction are one and the same class. */
  cohen_kappa: number | null;
  /** Matthews correlation coefficient; 0 where truth or prediction is a single class. */
  mcc: number;
  per_class: ClassMetrics[];
  confusion: number[][];
}

/**
 * All metrics of predicted classes against true ones, both indices into `labels`.
 * Throws UndertoneError where there are no rows, the lengths differ or an index has no label.
 */
export function metrics(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  labels: readonly string[],
): Metrics {
  const fail = (expected: string, found: string) =>
    badInput({ expected, found, at: "metrics", todo: "Pass one true and one predicted class per row." });
  if (truth.length === 0) throw fail("at least one row", "none");
  if (truth.length !== predicted.length) {
    throw fail(`${truth.length} predictions`, `${predicted.length}`);
  }
  for (const classes of [truth, predicted]) {
    for (let i = 0; i < classes.length; i++) {
      if (labels[classes[i]] === undefined) {
        throw fail(`classes 0 to ${labels.length - 1}`, `${classes[i]} in row ${i}`);
      }
    }
  }
  return metricsOf(confusionMatrix(truth, predicted, labels.length), labels);
}

/** All metrics of a confusion matrix with at least one count. */
export function metricsOf(confusion: Confusion, labels: readonly string[]): Metrics {
  return {
    n: total(confusion),
    accuracy: accuracy(confusion),
    balanced_accuracy: balancedAccuracy(confusion),
    weighted_f1: weightedF1(confusion),
    macro_f1: macroF1(confusion),
    micro_f1: microF1(confusion),
    cohen_kappa: cohenKappa(confusion),
    mcc: mcc(confusion),
    per_class: perClass(confusion).map((values, c) => ({ label: labels[c], ...values })),
    confusion: confusion.map((row) => [...row]),
  };
}

/**
 * Counts [C,C] of (truth, prediction) pairs; `rows` picks some of them, with repeats, as a bootstrap does. Throws
 * UndertoneError for one that is no class 0 to C - 1.
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
    if (counts?.[predicted[row]] === undefined) {
      throw badInput({
        expected: `classes 0 to ${classes - 1}`,
        found: `${predicted[row]} for ${truth[row]} in row ${row}`,
        at: "the confusion matrix",
        todo: "Pass one true and one predicted class per row.",
      });
    }
    counts[predicted[row]]++;
  }
  return confusion;
}

/** Precision, recall, F1 and support of each class; 0 where a denominator is 0. */
export function perClass(confusion: Confusion): Omit<ClassMetrics, "label">[] {
  const predicted = columnSums(confusion);
  return confusion.map((row, c) => {
    const support = sum(row);
    return {
      precision: ratio(row[c], predicted[c]),
      recall: ratio(row[c], support),
      f1: ratio(2 * row[c], support + predicted[c]),
      support,
    };
  });
}

export const accuracy = (confusion: Confusion): number =>
  sum(confusion.map((row, c) => row[c])) / total(confusion);

/** Mean recall over the classes present in the truth (UAR). */
export function balancedAccuracy(confusion: Confusion): number {
  const present = perClass(confusion).filter(({ support }) => support > 0);
  return mean(present.map(({ recall }) => recall));
}

/** Mean F1 over all classes. */
export const macroF1 = (confusion: Confusion): number => mean(perClass(confusion).map(({ f1 }) => f1));

/** F1 weighted by support. */
export const weightedF1 = (confusion: Confusion): number =>
  sum(perClass(confusion).map(({ f1, support }) => f1 * support)) / total(confusion);

/** F1 of all decisions pooled; with one label per row it equals accuracy. */
export const microF1 = accuracy;

/** Agreement beyond chance (Cohen 1960); null where chance agreement is 1. */
export function cohenKappa(confusion: Confusion): number | null {
  const n = total(confusion), predicted = columnSums(confusion);
  const chance = sum(confusion.map((row, c) => sum(row) * predicted[c])) / n ** 2;
  return chance === 1 ? null : (accuracy(confusion) - chance) / (1 - chance);
}

/** Multi-class Matthews correlation (Gorodkin 2004); 0 where truth or prediction is a single class. */
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

/** Scores of rows with several labels at once, by scikit-learn's definitions with zero_division 0. */
import { type ClassScores, macroOf, scoresOf, weightedOf } from "./confusion.ts";
import type { VectorOutcomes } from "./target.ts";

/** Predicts a label if its probability is above one half. */
export const holds = (probability: number): boolean => probability > 0.5;

/** The scores of one label. */
export interface LabelScores extends ClassScores {
  /**
   * Mean of the shares of rows with the label and of rows without it that are right: the weighted accuracy of
   * Tong et al. 2017, as CMU-MOSEI's paper reports it. Null if no row has the label, or all rows have it.
   */
  weighted_accuracy: number | null;
  /**
   * F1 of having the label and of not having it, weighted by their rows, as results on CMU-MOSEI report it.
   */
  weighted_f1: number;
}

/** Returns the scores of each label. */
export const perLabel = (outcomes: VectorOutcomes): LabelScores[] =>
  countsOf(outcomes).map((counts) => {
    const { right, predicted, support } = counts, n = outcomes.truth.length, others = n - support;
    const rightWithout = n - predicted - support + right;
    const without = scoresOf({ right: rightWithout, predicted: n - predicted, support: others });
    const own = scoresOf(counts);
    return {
      ...own,
      weighted_accuracy: support > 0 && others > 0 ? (own.recall + without.recall) / 2 : null,
      weighted_f1: (own.f1 * support + without.f1 * others) / n,
    };
  });

/** Returns the mean weighted accuracy of all labels. Null if it is undefined for any of them. */
export function weightedAccuracyOfLabels(outcomes: VectorOutcomes): number | null {
  const values = perLabel(outcomes).flatMap(({ weighted_accuracy: value }) => value ?? []);
  return values.length === outcomes.labels.length ? values.reduce((a, b) => a + b) / values.length : null;
}

/** Returns the mean F1 of all labels. */
export const macroF1OfLabels = (outcomes: VectorOutcomes): number => macroOf(perLabel(outcomes));

/** Returns the mean F1 of the labels, weighted by support; 0 if no row has a label. */
export const weightedF1OfLabels = (outcomes: VectorOutcomes): number => weightedOf(perLabel(outcomes));

/** Returns the F1 of all decisions pooled. */
export function microF1OfLabels(outcomes: VectorOutcomes): number {
  const sum = (of: (counts: Counts) => number) => countsOf(outcomes).reduce((all, each) => all + of(each), 0);
  return scoresOf({
    right: sum(({ right }) => right),
    predicted: sum(({ predicted }) => predicted),
    support: sum(({ support }) => support),
  }).f1;
}

type Counts = Parameters<typeof scoresOf>[0];

/** Counts the rows of each label, those predicted with it, and those that are both. */
function countsOf({ truth, predicted, labels }: VectorOutcomes): Counts[] {
  return labels.map((_, c) => {
    const counts = { right: 0, predicted: 0, support: 0 };
    truth.forEach((row, i) => {
      const is = row[c] === 1, said = holds(predicted[i][c]);
      counts.right += Number(is && said);
      counts.predicted += Number(said);
      counts.support += Number(is);
    });
    return counts;
  });
}

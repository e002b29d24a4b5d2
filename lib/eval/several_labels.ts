/** Scores of rows with several labels at once, by scikit-learn's definitions with zero_division 0. */
import { type ClassScores, macroOf, scoresOf, weightedOf } from "./confusion.ts";
import type { VectorOutcomes } from "./target.ts";

/** Predicts a label if its probability is above one half. */
export const holds = (probability: number): boolean => probability > 0.5;

/** Returns precision, recall, F1 and support of each label. */
export const perLabel = (outcomes: VectorOutcomes): ClassScores[] => countsOf(outcomes).map(scoresOf);

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

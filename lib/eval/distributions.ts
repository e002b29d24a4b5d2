/** Metrics of predicted distributions. Rows are `[N][C]`, each with the sum 1. */
import { confusionMatrix } from "./confusion.ts";
import { argmax } from "./calibration.ts";
import type { VectorOutcomes } from "./target.ts";

/**
 * Counts the most probable classes `[C][C]`: row = truth, column = prediction. Ties go to the first class.
 */
export const topConfusion = ({ truth, predicted, labels }: VectorOutcomes): number[][] =>
  confusionMatrix(truth.map(argmax), predicted.map(argmax), labels.length);

/**
 * Returns the mean over rows of the Kullback-Leibler divergence from the prediction to the truth, in nats:
 * sum of t log(t / p), where 0 log 0 is 0. Null if it is infinite: some p is 0 where t is not.
 */
export function klDivergence({ truth, predicted }: VectorOutcomes): number | null {
  const mean = meanOver(
    truth,
    (row, i) => row.reduce((sum, t, c) => sum + (t > 0 ? t * Math.log(t / predicted[i][c]) : 0), 0),
  );
  return Number.isFinite(mean) ? mean : null;
}

/** Returns the mean over rows of the squared distance to the true distribution, 0 to 2 (Brier 1950). */
export const brierOfDistributions = ({ truth, predicted }: VectorOutcomes): number =>
  meanOver(truth, (row, i) => row.reduce((sum, t, c) => sum + (t - predicted[i][c]) ** 2, 0));

type Rows = readonly (readonly number[])[];

const meanOver = (rows: Rows, value: (row: readonly number[], i: number) => number): number =>
  rows.reduce((sum, row, i) => sum + value(row, i), 0) / rows.length;

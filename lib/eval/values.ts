/** Metrics of continuous values, one dimension at a time and as the mean over the dimensions. */
import type { VectorOutcomes } from "./target.ts";

/** The scores of one dimension. */
export interface ValueScores {
  /** Concordance correlation coefficient (Lin 1989). Null if truth and prediction are the same constant. */
  ccc: number | null;
  /** Pearson's correlation. Null if the truth or the prediction is constant. */
  pearson: number | null;
  /** Root of the mean squared error. */
  rmse: number;
  /** Mean absolute error. */
  mae: number;
}

/**
 * Returns the scores of predicted values of one dimension. The concordance is
 * 2 cov / (var x + var y + (mean x - mean y)^2), with variances divided by N as in Lin (1989).
 */
export function valueScores(truth: readonly number[], predicted: readonly number[]): ValueScores {
  const mean = (of: (x: number, y: number) => number) =>
    truth.reduce((sum, x, i) => sum + of(x, predicted[i]), 0) / truth.length;
  const meanX = mean((x) => x), meanY = mean((_, y) => y);
  // Of a constant, the computed mean may be off by a rounding. Its variance is 0 all the same.
  const varX = isConstant(truth) ? 0 : mean((x) => (x - meanX) ** 2);
  const varY = isConstant(predicted) ? 0 : mean((_, y) => (y - meanY) ** 2);
  const covariance = varX && varY ? mean((x, y) => (x - meanX) * (y - meanY)) : 0;
  return {
    ccc: ratio(2 * covariance, varX + varY + (meanX - meanY) ** 2),
    pearson: ratio(covariance, Math.sqrt(varX) * Math.sqrt(varY)),
    rmse: Math.sqrt(mean((x, y) => (x - y) ** 2)),
    mae: mean((x, y) => Math.abs(x - y)),
  };
}

/** Returns the scores of each dimension. */
export const perDimension = ({ truth, predicted, labels }: VectorOutcomes): ValueScores[] =>
  labels.map((_, c) => valueScores(truth.map((row) => row[c]), predicted.map((row) => row[c])));

/** Returns the mean of a score over the dimensions. Null if it is undefined for any of them. */
export function meanOfValues(outcomes: VectorOutcomes, score: keyof ValueScores): number | null {
  const values = perDimension(outcomes).flatMap((scores) => scores[score] ?? []);
  return values.length === outcomes.labels.length ? values.reduce((a, b) => a + b) / values.length : null;
}

const isConstant = (values: readonly number[]): boolean => values.every((value) => value === values[0]);

const ratio = (numerator: number, denominator: number): number | null =>
  denominator === 0 ? null : numerator / denominator;

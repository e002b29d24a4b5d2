/**
 * Calibration metrics. Rows are `[N,C]`; truth is class indices `[N]`. Every function throws UndertoneError
 * if a value is not finite, if a true class is out of range, or if there are no rows.
 */

import { badInput } from "../errors.ts";
import { firstNotFinite } from "../finite.ts";

type Rows = readonly ArrayLike<number>[];

/** Calibration scores of predicted probabilities. In JSON, null means an infinite NLL. */
export interface Calibration {
  /** Mean negative log-likelihood of the true class, in nats. */
  nll: number | null;
  /** Mean squared distance to the one-hot truth, 0 to 2. */
  brier: number;
  /** Expected calibration error, 0 to 1. */
  ece: number;
}

/**
 * Returns NLL, Brier score and expected calibration error of probabilities `[N,C]`. `nll` is null if it is
 * infinite.
 */
export function calibration(truth: ArrayLike<number>, probabilities: Rows): Calibration {
  requireTruth(truth, probabilities);
  const loss = meanOver(probabilities, (row, i) => -Math.log(row[truth[i]]));
  return {
    nll: Number.isFinite(loss) ? loss : null,
    brier: brier(truth, probabilities),
    ece: ece(truth, probabilities),
  };
}

/** Returns the probabilities `[N,C]` of logits divided by a temperature. */
export const softmax = (logits: Rows, temperature = 1): number[][] =>
  logits.map((row, i) => {
    requireFiniteRow(row, i);
    return logSoftmax(row, temperature).map(Math.exp);
  });

/** Returns the mean negative log-likelihood of logits `[N,C]` in nats. Finite for all finite logits. */
export function nllOfLogits(truth: ArrayLike<number>, logits: Rows, temperature = 1): number {
  requireTruth(truth, logits);
  return meanOver(logits, (row, i) => -logSoftmax(row, temperature)[truth[i]]);
}

/** Returns the mean over rows of the squared distance to the one-hot truth, 0 to 2 (Brier 1950). */
export function brier(truth: ArrayLike<number>, probabilities: Rows): number {
  requireProbabilities(truth, probabilities);
  return meanOver(
    probabilities,
    (row, i) => Array.from(row, (p, c) => (p - Number(c === truth[i])) ** 2).reduce((a, b) => a + b),
  );
}

/**
 * Returns the expected calibration error (Naeini et al. 2015). Rows fall into equal-width bins (lo, hi] of
 * their top probability. The error sums, over bins, the bin's share of rows times |accuracy - mean
 * confidence|.
 */
export function ece(truth: ArrayLike<number>, probabilities: Rows, bins = BINS): number {
  requireProbabilities(truth, probabilities);
  const gaps = new Float64Array(bins); // per bin: sum of (right - confidence)
  probabilities.forEach((row, i) => {
    const top = argmax(row);
    gaps[binOf(row[top], bins)] += Number(top === truth[i]) - row[top];
  });
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / probabilities.length;
}

/** Number of bins of confidence, unless another one is asked for. */
export const BINS = 15;

/** Returns the index of the equal-width bin (lo, hi] that holds a confidence 0 to 1. */
export const binOf = (confidence: number, bins: number): number =>
  Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1));

/**
 * Returns the temperature that minimises the NLL of softmax(logits / T) (Guo et al. 2017), within exp(-5) to
 * exp(6). The NLL is convex in 1/T, so its slope changes sign once: bisection on log T finds it.
 */
export function temperature(truth: ArrayLike<number>, logits: Rows): number {
  requireTruth(truth, logits);
  let [low, high] = [-5, 6];
  while (high - low > 1e-12) {
    const middle = (low + high) / 2;
    if (slope(truth, logits, Math.exp(middle)) > 0) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

/**
 * Returns d NLL / d(1/T): the expected logit minus the true logit. It is positive if the model is
 * overconfident, so T must grow.
 */
const slope = (truth: ArrayLike<number>, logits: Rows, temperature: number): number =>
  meanOver(logits, (row, i) => {
    const expected = logSoftmax(row, temperature).reduce((sum, logP, c) => sum + Math.exp(logP) * row[c], 0);
    return expected - row[truth[i]];
  });

function logSoftmax(row: ArrayLike<number>, temperature: number): number[] {
  const top = row[argmax(row)];
  const shifted = Array.from(row, (logit) => (logit - top) / temperature);
  const logSum = Math.log(shifted.reduce((sum, value) => sum + Math.exp(value), 0));
  return shifted.map((value) => value - logSum);
}

/**
 * Returns the index of the first largest entry. Throws UndertoneError if an entry is NaN, which has no order.
 */
export function argmax(row: ArrayLike<number>): number {
  let best = 0;
  for (let c = 0; c < row.length; c++) {
    if (row[c] > row[best]) best = c;
    else if (Number.isNaN(row[c])) {
      throw unfit("numbers to find the largest of", `NaN for class ${c}`, "argmax");
    }
  }
  return best;
}

function requireFiniteRow(row: ArrayLike<number>, i: number): void {
  const place = firstNotFinite(row);
  if (place >= 0) throw unfit("finite values", `${row[place]} for class ${place}`, `row ${i}`);
}

function requireTruth(truth: ArrayLike<number>, rows: Rows): void {
  if (rows.length === 0 || rows.length !== truth.length) {
    throw unfit("a true class for each of one or more rows", `${truth.length} of ${rows.length}`, "the rows");
  }
  rows.forEach((row, i) => {
    requireFiniteRow(row, i);
    if (row[truth[i]] === undefined) throw unfit(`a class 0 to ${row.length - 1}`, `${truth[i]}`, `row ${i}`);
  });
}

/** Throws UndertoneError if a row has no true class, or a number that is no probability. */
export function requireProbabilities(truth: ArrayLike<number>, rows: Rows): void {
  requireTruth(truth, rows);
  rows.forEach((row, i) => {
    const odd = Array.from(row).findIndex((p) => p < 0 || p > 1 + 1e-6); // sums of float32 may round upwards
    if (odd >= 0) throw unfit("probabilities", `${row[odd]} for class ${odd}`, `row ${i}`);
  });
}

const unfit = (expected: string, found: string, at: string) =>
  badInput({ expected, found, at, todo: "Leave such rows out and find out what produced them." });

const meanOver = (rows: Rows, value: (row: ArrayLike<number>, i: number) => number): number =>
  rows.reduce((sum, row, i) => sum + value(row, i), 0) / rows.length;

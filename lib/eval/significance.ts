/** Is a difference more than luck? Exact McNemar and the bootstrap, by rows or by clusters of rows. */
import { badInput } from "../errors.ts";
import { random } from "../random.ts";
import { type Confusion, confusionMatrix } from "./confusion.ts";

/** A metric as a function of the confusion matrix: `accuracy`, `weightedF1`, `macroF1`, ... */
export type ConfusionMetric = (confusion: Confusion) => number;
/** Row indices of each resample, with repeats. */
export type Resamples = Iterable<ArrayLike<number>>;
/** 2.5 and 97.5 percentiles. */
export type Interval = [number, number];

export interface McNemar {
  only_a_right: number;
  only_b_right: number;
  p: number;
}

/**
 * Exact two-sided McNemar test on the rows that just one of two systems gets right. Throws UndertoneError where the three are
 * not equally many.
 */
export function mcnemar(truth: ArrayLike<number>, a: ArrayLike<number>, b: ArrayLike<number>): McNemar {
  if (truth.length !== a.length || truth.length !== b.length) {
    throw badInput({
      expected: `${truth.length} predictions of both systems`,
      found: `${a.length} and ${b.length}`,
      at: "McNemar's test",
      todo: "Compare answers to the same rows.",
    });
  }
  let onlyA = 0, onlyB = 0;
  for (let i = 0; i < truth.length; i++) {
    if (a[i] === truth[i] && b[i] !== truth[i]) onlyA++;
    if (b[i] === truth[i] && a[i] !== truth[i]) onlyB++;
  }
  return { only_a_right: onlyA, only_b_right: onlyB, p: binomialTwoSided(onlyA, onlyB) };
}

/** min(1, 2 sum over k <= min(b,c) of C(b+c,k) / 2^(b+c)): a fair coin at least as uneven as b against c. */
export function binomialTwoSided(b: number, c: number): number {
  const n = b + c;
  let logTerm = -n * Math.LN2; // in logarithms: C(1100, 500) is no float64
  let tail = 0;
  for (let k = 0; k <= Math.min(b, c); k++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((n - k) / (k + 1));
  }
  return Math.min(1, 2 * tail);
}

/** `count` resamples of rows 0..rows-1 with replacement. */
export function* resampleRows(rows: number, count: number, seed: number): Generator<number[]> {
  const { integer } = random(seed);
  for (let i = 0; i < count; i++) yield Array.from({ length: rows }, () => integer(rows));
}

/**
 * `count` resamples of whole clusters with replacement, as row indices: for rows that share a clip or a speaker and
 * so are not independent (Field & Welsh 2007). `clusters` names the cluster of each row. A resample has as many
 * clusters as the data, not always as many rows.
 */
export function* resampleClusters(
  clusters: readonly (string | number)[],
  count: number,
  seed: number,
): Generator<number[]> {
  const members = [...Map.groupBy(clusters.keys(), (row) => clusters[row]).values()];
  const { integer } = random(seed);
  for (let i = 0; i < count; i++) yield members.flatMap(() => members[integer(members.length)]);
}

export interface Bootstrap {
  value: number;
  interval_95: Interval;
  /** How many resamples carried it. */
  resamples: number;
}

/** A metric of one system with its percentile bootstrap interval. */
export function bootstrap(
  { truth, predicted, classes, metric, resamples }: {
    truth: ArrayLike<number>;
    predicted: ArrayLike<number>;
    classes: number;
    metric: ConfusionMetric;
    resamples: Resamples;
  },
): Bootstrap {
  const value = (rows?: ArrayLike<number>) => metric(confusionMatrix(truth, predicted, classes, rows));
  const values = Array.from(resamples, (rows) => value(rows));
  return { value: value(), interval_95: interval95(values), resamples: values.length };
}

export interface PairedBootstrap {
  /** metric(a) - metric(b) on all rows. */
  delta: number;
  interval_95: Interval;
  /** Two-sided, never below 1 / resamples. */
  p: number;
  resamples: number;
}

/** Difference of a metric between two systems on the same rows, each resample drawn for both alike. */
export function pairedBootstrap(
  { truth, a, b, classes, metric, resamples }: {
    truth: ArrayLike<number>;
    a: ArrayLike<number>;
    b: ArrayLike<number>;
    classes: number;
    metric: ConfusionMetric;
    resamples: Resamples;
  },
): PairedBootstrap {
  const delta = (rows?: ArrayLike<number>) =>
    metric(confusionMatrix(truth, a, classes, rows)) - metric(confusionMatrix(truth, b, classes, rows));
  const deltas = Array.from(resamples, (rows) => delta(rows));
  const interval_95 = interval95(deltas);
  const atMost = deltas.filter((d) => d <= 0).length, atLeast = deltas.filter((d) => d >= 0).length;
  return {
    delta: delta(),
    interval_95,
    p: Math.min(1, Math.max(1, 2 * Math.min(atMost, atLeast)) / deltas.length),
    resamples: deltas.length,
  };
}

/** Percentile 0 to 100 of sorted values, linear between neighbours (Hyndman & Fan 1996, type 7). */
function percentile(sorted: readonly number[], percent: number): number {
  const at = (sorted.length - 1) * percent / 100, below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

function interval95(values: readonly number[]): Interval {
  if (values.length === 0) {
    throw badInput({
      expected: "at least one resample",
      found: "none",
      at: "bootstrap",
      todo: "Draw 1000 or more.",
    });
  }
  const odd = values.find((value) => !Number.isFinite(value));
  if (odd !== undefined) {
    throw badInput({
      expected: "a metric that is a finite number on every resample",
      found: `${odd}`,
      at: "bootstrap",
      todo: "Take a metric that is defined for a single class too, e.g. weightedF1.",
    });
  }
  const sorted = values.toSorted((x, y) => x - y);
  return [percentile(sorted, 2.5), percentile(sorted, 97.5)];
}

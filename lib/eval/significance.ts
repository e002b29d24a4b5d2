/**
 * Tests whether a difference is more than chance: exact McNemar and the bootstrap, over rows or over clusters
 * of rows.
 */
import { badInput } from "../errors.ts";
import { random } from "../random.ts";
import { type Confusion, confusionMatrix } from "./confusion.ts";

/** A metric as a function of the confusion matrix: `accuracy`, `weightedF1`, `macroF1`, … */
export type ConfusionMetric = (confusion: Confusion) => number;
/** Row indices of each resample, with repeats. */
export type Resamples = Iterable<ArrayLike<number>>;
/** 2.5 and 97.5 percentiles. */
export type Interval = [number, number];

/** The result of McNemar's test. */
export interface McNemar {
  /** Rows that only the first system gets right. */
  only_a_right: number;
  /** Rows that only the second system gets right. */
  only_b_right: number;
  /** Two-sided p-value. */
  p: number;
}

/**
 * Runs the exact two-sided McNemar test on the rows that exactly one of two systems gets right. Throws
 * UndertoneError if the three lengths differ.
 *
 * @example
 * ```ts
 * import { mcnemar } from "@undertone/undertone";
 *
 * const { p } = mcnemar([0, 0, 1, 1], [0, 0, 1, 0], [1, 0, 0, 0]);
 * ```
 */
export function mcnemar(truth: ArrayLike<number>, a: ArrayLike<number>, b: ArrayLike<number>): McNemar {
  if (truth.length !== a.length || truth.length !== b.length) {
    throw badInput({
      expected: `${truth.length} predictions of both systems`,
      found: `${a.length} and ${b.length}`,
      at: "McNemar's test",
      todo: "Compare predictions for the same rows.",
    });
  }
  let onlyA = 0, onlyB = 0;
  for (let i = 0; i < truth.length; i++) {
    if (a[i] === truth[i] && b[i] !== truth[i]) onlyA++;
    if (b[i] === truth[i] && a[i] !== truth[i]) onlyB++;
  }
  return { only_a_right: onlyA, only_b_right: onlyB, p: binomialTwoSided(onlyA, onlyB) };
}

/**
 * Returns min(1, 2 sum over k <= min(b,c) of C(b+c,k) / 2^(b+c)): the probability that a fair coin is at
 * least as uneven as b against c.
 */
export function binomialTwoSided(b: number, c: number): number {
  const n = b + c;
  let logTerm = -n * Math.LN2; // in logarithms: C(1100, 500) overflows float64
  let tail = 0;
  for (let k = 0; k <= Math.min(b, c); k++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((n - k) / (k + 1));
  }
  return Math.min(1, 2 * tail);
}

/**
 * Yields `count` resamples of rows 0 to `rows` - 1 with replacement.
 *
 * @example
 * ```ts
 * import { resampleRows } from "@undertone/undertone";
 *
 * const [first] = resampleRows(5, 1000, 1); // five row indices
 * ```
 */
export function* resampleRows(rows: number, count: number, seed: number): Generator<number[]> {
  const { integer } = random(seed);
  for (let i = 0; i < count; i++) yield Array.from({ length: rows }, () => integer(rows));
}

/**
 * Yields `count` resamples of whole clusters with replacement, as row indices. Use it if rows share a clip or
 * a speaker and so are not independent (Field & Welsh 2007). `clusters` names the cluster of each row. A
 * resample has as many clusters as the data, but not always as many rows.
 *
 * @example
 * ```ts
 * import { resampleClusters } from "@undertone/undertone";
 *
 * const speakers = ["ana", "ana", "ben", "ben", "cai"]; // of each row
 * const [first] = resampleClusters(speakers, 1000, 1);
 * ```
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

/** A metric with its confidence interval. */
export interface Bootstrap {
  /** The metric on all rows. */
  value: number;
  /** 2.5 and 97.5 percentiles over the resamples. */
  interval_95: Interval;
  /** Number of resamples. */
  resamples: number;
}

/**
 * Returns a metric of one system with its percentile bootstrap interval. Throws UndertoneError if the metric
 * is not finite on a resample.
 *
 * @example
 * ```ts
 * import { bootstrap, resampleRows, weightedF1 } from "@undertone/undertone";
 *
 * const truth = [0, 0, 1, 1], predicted = [0, 1, 1, 1];
 * const resamples = resampleRows(truth.length, 1000, 1); // 1000 resamples, seed 1
 * const { interval_95 } = bootstrap({ truth, predicted, classes: 2, metric: weightedF1, resamples });
 * ```
 */
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

/** The difference of a metric between two systems, with its confidence interval. */
export interface PairedBootstrap {
  /** metric(a) - metric(b) on all rows. */
  delta: number;
  /** 2.5 and 97.5 percentiles over the resamples. */
  interval_95: Interval;
  /** Two-sided p-value, at least 1 / resamples. */
  p: number;
  /** Number of resamples. */
  resamples: number;
}

/**
 * Returns the difference of a metric between two systems on the same rows. Both systems are scored on each
 * resample. Throws UndertoneError if the metric is not finite on a resample.
 *
 * @example
 * ```ts
 * import { pairedBootstrap, resampleRows, weightedF1 } from "@undertone/undertone";
 *
 * const truth = [0, 0, 1, 1], a = [0, 0, 1, 1], b = [0, 1, 1, 0];
 * const resamples = resampleRows(truth.length, 1000, 1);
 * const { delta, p } = pairedBootstrap({ truth, a, b, classes: 2, metric: weightedF1, resamples });
 * ```
 */
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
  const score = (predicted: ArrayLike<number>) => (rows?: ArrayLike<number>) =>
    metric(confusionMatrix(truth, predicted, classes, rows));
  return pairedBootstrapOf(score(a), score(b), resamples);
}

/** Does the same for any score; each function scores the given rows, or all rows, of one system. */
export function pairedBootstrapOf(
  a: (rows?: ArrayLike<number>) => number,
  b: (rows?: ArrayLike<number>) => number,
  resamples: Resamples,
): PairedBootstrap {
  const delta = (rows?: ArrayLike<number>) => a(rows) - b(rows);
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

/** Returns percentile 0 to 100 of sorted values, linear between neighbours (Hyndman & Fan 1996, type 7). */
function percentile(sorted: readonly number[], percent: number): number {
  const at = (sorted.length - 1) * percent / 100, below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/**
 * Returns the 2.5 and 97.5 percentiles of values. Throws UndertoneError if there are none or one is not
 * finite.
 */
export function interval95(values: readonly number[]): Interval {
  if (values.length === 0) {
    throw badInput({
      expected: "at least one resample",
      found: "none",
      at: "bootstrap",
      todo: "Draw 1000 resamples or more.",
    });
  }
  const odd = values.find((value) => !Number.isFinite(value));
  if (odd !== undefined) {
    throw badInput({
      expected: "a metric that is a finite number on every resample",
      found: `${odd}`,
      at: "bootstrap",
      todo: "Use a metric that is also defined for a single class, e.g. weightedF1.",
    });
  }
  const sorted = values.toSorted((x, y) => x - y);
  return [percentile(sorted, 2.5), percentile(sorted, 97.5)];
}

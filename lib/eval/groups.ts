/** Scores by group of rows, such as those of a speaker, and the largest gap between groups. */
import { balancedOf, macroOf, scoresOfRows, weightedOf } from "./confusion.ts";
import { KINDS } from "./kinds.ts";
import { type Metric, metricNamed, valueOf } from "./metric.ts";
import { type Interval, interval95, resampleClusters } from "./significance.ts";
import { type Outcomes, outcomesOfRows } from "./target.ts";
import type { TargetKind } from "../target.ts";

/** The units that are resampled for an interval: all rows of one unit are drawn together. */
export interface Units<By extends string = string> {
  /** What a unit is: `speaker`, `dialogue`, `clip` or `row`. */
  by: By;
  /** The unit of each row. */
  of: readonly string[];
}

/** A value with its 95 % interval, which is absent if there is a single unit or a resample has no value. */
export interface Estimate {
  /** The value on all rows; null if it is undefined. */
  value: number | null;
  /** 2.5 and 97.5 percentiles of a bootstrap over units. */
  interval_95?: Interval;
}

/** The scores of one group. */
export interface GroupResult {
  /** Name of the group: a speaker, or a range such as `4 to 7`. */
  group: string;
  /** Number of rows. */
  n: number;
  /** Number of resampled units. */
  clusters: number;
  /** The metrics by id. */
  metrics: Record<string, Estimate>;
}

/** The largest difference of a metric between two groups. */
export interface Gap {
  /** Id of the metric. */
  metric: string;
  /** The group with the best value. */
  best: string;
  /** The group with the worst value. */
  worst: string;
  /** Difference of their values, at least 0. */
  gap: number;
}

/** Scores by group. */
export interface GroupScores {
  /** What groups the rows: `speaker`, `gender`, `words`, … */
  key: string;
  /** The resampled unit. */
  by: string;
  /** The groups, in order. */
  groups: GroupResult[];
  /** The largest gaps between groups of at least `smallest` rows. */
  gaps: Gap[];
  /** Fewest rows of a group that counts for a gap. */
  smallest: number;
}

const RESAMPLES = 1000;

/** Fewest rows of a group that counts for a gap: below it, chance alone makes large gaps. */
const SMALLEST = 20;

/**
 * Returns the metrics that have intervals: balanced accuracy and the main one, if they can score the kind.
 */
export const groupMetrics = (kind: TargetKind): Metric[] =>
  [...new Set(kind === "class" ? ["balanced_accuracy", "weighted_f1"] : [KINDS[kind].headline])]
    .map((id) => metricNamed(id, "groups"));

/** Returns a metric on each resample of the rows; null where it is undefined. */
export function resampled(
  metric: Metric,
  outcomes: Outcomes,
  resamples: Iterable<ArrayLike<number>>,
): (number | null)[] {
  const quick = { weighted_f1: weightedOf, macro_f1: macroOf, balanced_accuracy: balancedOf }[metric.id];
  if (outcomes.kind !== "class" || !quick) {
    return Array.from(resamples, (rows) => valueOf(metric, outcomesOfRows(outcomes, rows)));
  }
  const { truth, predicted, labels } = outcomes; // from three counts per class
  return Array.from(resamples, (rows) => quick(scoresOfRows(truth, predicted, labels.length, rows)));
}

/** Returns the value of a metric with its bootstrap interval over units. */
export function estimate(metric: Metric, outcomes: Outcomes, { of }: Units): Estimate {
  const value = valueOf(metric, outcomes);
  if (value === null || new Set(of).size < 2) return { value };
  const values = resampled(metric, outcomes, resampleClusters(of, RESAMPLES, 1));
  return values.includes(null) ? { value } : { value, interval_95: interval95(values as number[]) };
}

/** Scores each group. `groups` names each row's group, in the order in which `order` sorts them. */
export function scoresByGroup(
  key: string,
  { outcomes, ids, groups, units, order }: {
    outcomes: Outcomes;
    /** Id of each row. Rows with one id are answers of several models. */
    ids: readonly string[];
    groups: readonly string[];
    units: Units;
    order: (a: string, b: string) => number;
  },
): GroupScores {
  const metrics = groupMetrics(outcomes.kind);
  const results = [...Map.groupBy(groups.keys(), (row) => groups[row])]
    .sort(([a], [b]) => order(a, b))
    .map(([group, rows]): GroupResult => {
      const own = outcomesOfRows(outcomes, rows), of = rows.map((row) => units.of[row]);
      const scores = metrics.map((metric) => [metric.id, estimate(metric, own, { ...units, of })]);
      return {
        group,
        n: new Set(rows.map((row) => ids[row])).size,
        clusters: new Set(of).size,
        metrics: Object.fromEntries(scores),
      };
    });
  const gaps = metrics.flatMap((metric) => gapOf(metric, results) ?? []);
  return { key, by: units.by, groups: results, gaps, smallest: SMALLEST };
}

function gapOf({ id, higherIsBetter }: Metric, results: readonly GroupResult[]): Gap | undefined {
  const large = results.filter(({ n, metrics }) => n >= SMALLEST && metrics[id].value !== null);
  if (large.length < 2) return undefined;
  const value = ({ metrics }: GroupResult) => metrics[id].value!;
  const sorted = large.toSorted((a, b) => higherIsBetter ? value(b) - value(a) : value(a) - value(b));
  const best = sorted[0], worst = sorted.at(-1)!;
  return { metric: id, best: best.group, worst: worst.group, gap: Math.abs(value(best) - value(worst)) };
}

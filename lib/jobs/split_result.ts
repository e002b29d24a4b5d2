/** The results of a run by split, as stored in `metrics.json`. */
import type { LabelMapping, Split } from "../data/mod.ts";
import {
  allMetrics,
  areClasses,
  type GroupScores,
  KINDS,
  type Metric,
  metricNamed,
  metricValue,
  type Scores,
} from "../eval/mod.ts";
import { count } from "../errors.ts";
import type { ClusteredInterval } from "./scored.ts";

/** The result of one split. */
export interface SplitResult {
  /** All metrics. */
  metrics: Scores;
  /** 95 % interval of weighted F1, for classes and for several labels at once. */
  weighted_f1_interval?: ClusteredInterval;
  /** 95 % interval of balanced accuracy (UA), for classes. Results of earlier versions have none. */
  balanced_accuracy_interval?: ClusteredInterval;
  /** 95 % interval of the main metric of another kind of target: `ccc_interval`, `kl_interval`. */
  [interval: `${string}_interval`]: ClusteredInterval | undefined;
  /** Controls by name, e.g. `majority`. */
  controls?: Record<string, Scores>;
  /** How hidden states were scaled by groups, if they were: "speech by speaker (causal)". */
  normalize?: string;
  /** How labels were mapped; absent if they were not. */
  label_map?: LabelMapping;
  /** Scores by group, if asked for. */
  groups?: GroupScores[];
  /** Times of every evaluation. The test split should be read only once. */
  read: string[];
  /**
   * The dev metric, or the loss, by which the epoch of these weights was chosen; absent for other weights.
   */
  chosen_by?: string;
  /** True if the run has a better epoch since, so that the result is of earlier weights. */
  outdated?: true;
}

/** `metrics.json`: results by split. */
export type Results = Partial<Record<Split, SplitResult>>;

/** Returns the main metric of a result with its value, and its interval if it is defined. */
export function headlineOf(
  { metrics, ...result }: Omit<SplitResult, "read">,
): { metric: Metric; value: number | null; interval?: ClusteredInterval } {
  const kind = areClasses(metrics) ? "class" : metrics.target;
  const metric = metricNamed(KINDS[kind].headline, "the kind of target");
  return {
    metric,
    value: metricValue(metrics, metric.id) ?? null,
    interval: result[`${metric.id}_interval`],
  };
}

/** Returns the intervals of a result by their names in files. */
export const intervalsIn = (
  result: Omit<SplitResult, "read">,
): Record<`${string}_interval`, ClusteredInterval> =>
  Object.fromEntries(
    Object.keys(result).flatMap((key) => {
      const name = key as `${string}_interval`, interval = result[name];
      return key.endsWith("_interval") && interval ? [[name, interval]] : [];
    }),
  );

/** Returns the balanced accuracy of classes with its interval. */
export function balancedOf(
  { metrics, balanced_accuracy_interval: interval }: Omit<SplitResult, "read">,
): { metric: Metric; value: number | null; interval?: ClusteredInterval } | undefined {
  if (!areClasses(metrics)) return undefined;
  const metric = metricNamed("balanced_accuracy", "the result");
  return { metric, value: metrics.balanced_accuracy ?? null, interval };
}

/** Fewer independent rows than this are too few for a bootstrap. */
const FEW = 30;

/**
 * Returns sentences that a reader of the main metric needs: how its epoch was chosen, and if there are few
 * rows.
 */
export function resultNotes(result: Omit<SplitResult, "read">, split: Split): string[] {
  const { interval } = headlineOf(result), { chosen_by: by } = result;
  const label = allMetrics().find(({ id }) => id === by)?.label ?? by;
  return [
    ...by === undefined ? [] : [
      `The epoch was chosen by ${label} on dev` +
      (split === "dev" ? ", the rows of this result: new rows may do worse." : "."),
    ],
    ...interval === undefined || interval.clusters >= FEW ? [] : [
      `${split} has only ${
        count(interval.clusters, `distinct ${interval.by}`)
      }: the interval is narrower than ` +
      `the true uncertainty. Read it with care below ${FEW}.`,
    ],
  ];
}

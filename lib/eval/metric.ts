/** The registry of metrics. Each entry appears in tables, ablations, curves, `--select`, CSV and JSON. */
import { badInput } from "../errors.ts";
import { type RegisterOptions, registry, requireParts } from "../registry.ts";
import {
  accuracy,
  balancedAccuracy,
  cohenKappa,
  type Confusion,
  macroF1,
  mcc,
  microF1,
  weightedF1,
} from "./confusion.ts";
import { brierOfDistributions, klDivergence, topConfusion } from "./distributions.ts";
import {
  hasSentiment,
  SENTIMENT_NEEDS,
  sentimentAccuracy2,
  sentimentAccuracy7,
  sentimentF1,
} from "./sentiment.ts";
import {
  macroF1OfLabels,
  microF1OfLabels,
  weightedAccuracyOfLabels,
  weightedF1OfLabels,
} from "./several_labels.ts";
import type { Outcomes, TargetKind, VectorOutcomes } from "./target.ts";
import { meanOfValues, type ValueScores } from "./values.ts";

/** The truths of rows. */
export type Truths = Pick<Outcomes, "kind" | "labels" | "truth">;

/** One metric. */
export interface Metric {
  /** Key in files and for `--select`: `weighted_f1`. */
  id: string;
  /** Name in tables and figures: "weighted F1". */
  label: string;
  /** Kinds of target that the metric can score. */
  targets: readonly TargetKind[];
  /** Whether a higher value is better. */
  higherIsBetter: boolean;
  /** Whether the value is a fraction, shown in percent. Default true. */
  percent?: boolean;
  /**
   * Where the metric is shown: `everywhere` (tables, ablations and curves), only in the table of a `run`, or
   * only in `files`. JSON files always contain it, and `--select` always accepts it. Default everywhere.
   */
  shown?: "everywhere" | "run" | "files";
  /**
   * Which targets of these kinds the metric is for; the results of others do not have it. Default: all of
   * them. `needs` says it in words.
   */
  only?: {
    /** What the targets need, for errors: "a dimension 'sentiment'". */
    needs: string;
    /** Returns whether the targets have it. */
    fits(truths: Truths): boolean;
  };
  /** Returns the value, or null if it is undefined for these rows. */
  compute(outcomes: Outcomes): number | null;
}

/** How a metric is computed for each kind of target that it supports. */
interface Ways {
  /** From the counts of classes. Of a distribution, each row counts as its most probable class. */
  counts?: (confusion: Confusion) => number | null;
  alsoDistributions?: boolean;
  distribution?: (outcomes: VectorOutcomes) => number | null;
  labels?: (outcomes: VectorOutcomes) => number | null;
  values?: keyof ValueScores;
  /** From the dimension `sentiment` alone. */
  sentiment?: (outcomes: VectorOutcomes) => number | null;
}

const by = ({ counts, alsoDistributions, distribution, labels, values, sentiment }: Ways) => {
  const ways: Partial<Record<TargetKind, (outcomes: Outcomes) => number | null>> = {
    ...counts && { class: (of) => of.kind === "class" ? counts(of.confusion) : null },
    ...alsoDistributions && { distribution: (of) => counts!(topConfusion(of as VectorOutcomes)) },
    ...distribution && { distribution: (of) => distribution(of as VectorOutcomes) },
    ...labels && { labels: (of) => labels(of as VectorOutcomes) },
    ...values && { values: (of) => meanOfValues(of as VectorOutcomes, values) },
    ...sentiment && { values: (of) => hasSentiment(of) ? sentiment(of as VectorOutcomes) : null },
  };
  return {
    ...sentiment && { only: { needs: SENTIMENT_NEEDS, fits: hasSentiment } },
    targets: Object.keys(ways) as TargetKind[],
    compute: (outcomes: Outcomes) => ways[outcomes.kind]?.(outcomes) ?? null,
  };
};

const higher = { higherIsBetter: true }, plain = { higherIsBetter: true, percent: false };
const error = { higherIsBetter: false, percent: false };

const metrics = registry<Metric>("a metric", {
  builtIn: [
    { id: "accuracy", label: "accuracy", ...higher, ...by({ counts: accuracy, alsoDistributions: true }) },
    {
      id: "weighted_f1",
      label: "weighted F1",
      ...higher,
      ...by({ counts: weightedF1, labels: weightedF1OfLabels }),
    },
    { id: "macro_f1", label: "macro F1", ...higher, ...by({ counts: macroF1, labels: macroF1OfLabels }) },
    {
      id: "balanced_accuracy",
      label: "balanced acc.",
      ...higher,
      ...by({ counts: balancedAccuracy, alsoDistributions: true }),
    },
    {
      id: "weighted_accuracy",
      label: "weighted acc. (MOSEI)",
      ...higher,
      ...by({ labels: weightedAccuracyOfLabels }),
    },
    { id: "cohen_kappa", label: "kappa", ...plain, ...by({ counts: cohenKappa }), shown: "run" },
    {
      id: "micro_f1",
      label: "micro F1",
      ...higher,
      ...by({ counts: microF1, labels: microF1OfLabels }),
      shown: "files",
    },
    { id: "mcc", label: "MCC", ...plain, ...by({ counts: mcc }), shown: "files" },
    { id: "kl", label: "KL", ...error, ...by({ distribution: klDivergence }) },
    { id: "brier", label: "Brier", ...error, ...by({ distribution: brierOfDistributions }) },
    { id: "ccc", label: "CCC", ...plain, ...by({ values: "ccc" }) },
    { id: "pearson", label: "Pearson", ...plain, ...by({ values: "pearson" }) },
    { id: "rmse", label: "RMSE", ...error, ...by({ values: "rmse" }) },
    { id: "mae", label: "MAE", ...error, ...by({ values: "mae" }) },
    {
      id: "acc2_has0",
      label: "Acc-2 (neg./non-neg.)",
      ...higher,
      ...by({ sentiment: sentimentAccuracy2("non_negative") }),
    },
    {
      id: "acc2_non0",
      label: "Acc-2 (neg./pos.)",
      ...higher,
      ...by({ sentiment: sentimentAccuracy2("positive") }),
    },
    {
      id: "f1_has0",
      label: "F1 (neg./non-neg.)",
      ...higher,
      ...by({ sentiment: sentimentF1("non_negative") }),
    },
    { id: "f1_non0", label: "F1 (neg./pos.)", ...higher, ...by({ sentiment: sentimentF1("positive") }) },
    { id: "acc7", label: "Acc-7", ...higher, ...by({ sentiment: sentimentAccuracy7 }) },
  ],
});

/** Keys of the results that are not metrics. */
const TAKEN = ["n", "per_class", "confusion", "loss", "target", "per_label", "auto"];

/**
 * Adds a metric. It then appears in every table, ablation, curve and file, and `--select <id>` selects epochs
 * by it. Throws UndertoneError if its id is taken or a part is missing.
 *
 * @example
 * ```ts
 * import { registerMetric } from "@undertone/undertone";
 *
 * registerMetric({
 *   id: "worst_recall",
 *   label: "worst recall",
 *   targets: ["class"],
 *   higherIsBetter: true,
 *   compute: (outcomes) =>
 *     outcomes.kind !== "class" ? null : Math.min(
 *       ...outcomes.confusion.map((row, c) => row[c] / row.reduce((a, b) => a + b)).filter(Number.isFinite),
 *     ),
 * });
 * ```
 */
export function registerMetric(metric: Metric, options?: RegisterOptions): void {
  requireParts("a metric", metric, ["label", "targets", "higherIsBetter", "compute"]);
  if (TAKEN.includes(metric.id)) {
    throw badInput({
      expected: "a metric with an id of its own",
      found: `'${metric.id}', which results use for something else`,
      at: "its registration",
      todo: "Choose another id.",
    });
  }
  metrics.add(metric, options);
}

/** Returns the metrics that can score a kind of target, in the order of tables. */
export const metricsFor = (kind: TargetKind): Metric[] =>
  metrics.all().filter(({ targets }) => targets.includes(kind));

/** Returns the metrics that are for such targets, in the order of tables. */
export const metricsFitting = (truths: Truths): Metric[] =>
  metricsFor(truths.kind).filter(({ only }) => only?.fits(truths) ?? true);

/** Returns all metrics, in the order of tables. */
export const allMetrics = (): Metric[] => metrics.all();

/** Returns the metrics that are shown in tables, ablations and curves, for one kind of target or for all. */
export const headlineMetrics = (kind?: TargetKind): Metric[] =>
  (kind ? metricsFor(kind) : allMetrics()).filter(({ shown = "everywhere" }) => shown === "everywhere");

/**
 * Returns the metric of this name. Throws UndertoneError with the nearest name if there is none. `at` says
 * where the name was given.
 */
export const metricNamed = (name: string, at: string): Metric => metrics.get(name, at);

/**
 * Returns a metric's value on outcomes. Throws UndertoneError if it is NaN or infinite: an undefined metric
 * must return null.
 */
export function valueOf(metric: Metric, outcomes: Outcomes): number | null {
  const value = metric.compute(outcomes);
  if (value === null || Number.isFinite(value)) return value;
  throw badInput({
    expected: `a finite number or null from the metric '${metric.id}'`,
    found: String(value),
    at: `${outcomes.truth.length} rows`,
    todo: "Return null if it is undefined.",
  });
}

/** Formats a value: "61.2 %", or "0.512" if the metric is no percentage; "undefined" if it is null. */
export function formatted({ percent = true }: Metric, value: number | null): string {
  if (value === null) return "undefined";
  return percent ? `${(100 * value).toFixed(1)} %` : value.toFixed(3);
}

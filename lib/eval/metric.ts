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
import type { ClassOutcomes, Outcomes, TargetKind } from "./target.ts";

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
  /** Returns the value, or null if it is undefined for these rows. */
  compute(outcomes: Outcomes): number | null;
}

const ofClasses = (compute: (confusion: Confusion) => number | null) => ({
  targets: ["class"] as const,
  higherIsBetter: true,
  compute: (outcomes: Outcomes) => compute((outcomes as ClassOutcomes).confusion),
});

const metrics = registry<Metric>("a metric", {
  builtIn: [
    { id: "accuracy", label: "accuracy", ...ofClasses(accuracy) },
    { id: "weighted_f1", label: "weighted F1", ...ofClasses(weightedF1) },
    { id: "macro_f1", label: "macro F1", ...ofClasses(macroF1) },
    { id: "balanced_accuracy", label: "balanced acc.", ...ofClasses(balancedAccuracy) },
    { id: "cohen_kappa", label: "kappa", ...ofClasses(cohenKappa), percent: false, shown: "run" },
    { id: "micro_f1", label: "micro F1", ...ofClasses(microF1), shown: "files" },
    { id: "mcc", label: "MCC", ...ofClasses(mcc), percent: false, shown: "files" },
  ],
});

/** Keys of the results that are not metrics. */
const TAKEN = ["n", "per_class", "confusion", "loss"];

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

/** Returns the metrics that are shown in tables, ablations and curves. */
export const headlineMetrics = (kind: TargetKind): Metric[] =>
  metricsFor(kind).filter(({ shown = "everywhere" }) => shown === "everywhere");

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

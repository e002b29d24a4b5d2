/** Metrics by name: one entry each, and with it a place in tables, ablations, curves, `--select`, CSV and JSON. */
import { badInput } from "../errors.ts";
import { type RegisterOptions, registry } from "../registry.ts";
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
  /** Its key in files and for `--select`: `weighted_f1`. */
  id: string;
  /** Its name in tables and figures: "weighted F1". */
  label: string;
  /** The kinds of target that it can score. */
  targets: readonly TargetKind[];
  /** Whether more of it is better. */
  higherIsBetter: boolean;
  /** Whether it is a share, shown in percent. Default true. */
  percent?: boolean;
  /**
   * Where it is shown: `everywhere` (tables, ablations and curves), in the table of a `run`, or in files alone. It is in
   * JSON files always, and `--select` always takes it. Default everywhere.
   */
  shown?: "everywhere" | "run" | "files";
  /** Its value, or null where it is undefined for these rows. */
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

/** Names that results have for something else. */
const TAKEN = ["n", "per_class", "confusion", "loss"];

/**
 * Adds a metric: from then on it is in every table, ablation, curve and file, and `--select <id>` chooses epochs by it.
 * Throws UndertoneError if its id is taken or a part is missing.
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
  const missing = (["label", "targets", "compute"] as const).filter((part) => !metric[part]);
  if (TAKEN.includes(metric.id) || missing.length || typeof metric.higherIsBetter !== "boolean") {
    throw badInput({
      expected: "a metric with id, label, targets, higherIsBetter and compute",
      found: TAKEN.includes(metric.id)
        ? `the id '${metric.id}', which results use for something else`
        : `none of its own for ${missing.join(", ") || "higherIsBetter"}`,
      at: `the registration of '${metric.id}'`,
      todo: TAKEN.includes(metric.id) ? "Choose another id." : "Add it.",
    });
  }
  metrics.add(metric, options);
}

/** Every metric that can score a kind of target, in the order of tables. */
export const metricsFor = (kind: TargetKind): Metric[] =>
  metrics.all().filter(({ targets }) => targets.includes(kind));

/** Those that are shown in tables, ablations and curves. */
export const headlineMetrics = (kind: TargetKind): Metric[] =>
  metricsFor(kind).filter(({ shown = "everywhere" }) => shown === "everywhere");

/** The metric of this name. Throws UndertoneError with the nearest name; `at` is where it was given. */
export const metricNamed = (name: string, at: string): Metric => metrics.get(name, at);

/**
 * A metric's value on outcomes. Throws UndertoneError where it is no number: a metric that is undefined says null.
 */
export function valueOf(metric: Metric, outcomes: Outcomes): number | null {
  const value = metric.compute(outcomes);
  if (value === null || Number.isFinite(value)) return value;
  throw badInput({
    expected: `a finite number or null from the metric '${metric.id}'`,
    found: String(value),
    at: `${outcomes.truth.length} rows`,
    todo: "Return null where it is undefined.",
  });
}

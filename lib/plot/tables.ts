/** The tables that every run prints. */
import {
  allMetrics,
  areClasses,
  type ClassIntervals,
  type Metrics,
  metricValue,
  type Scores,
  type VectorMetrics,
} from "../eval/mod.ts";
import type { Table } from "./table.ts";
import { percent } from "./theme.ts";

/**
 * Returns a table of precision, recall, F1 and support per class, then their averages, in percent. Of targets
 * that are no classes, returns the scores of each label or dimension. With `intervals`, F1 of each class has
 * its 95 % interval beside it.
 *
 * @example
 * ```ts
 * import { metricsOf, perClassTable, show } from "@undertone/undertone";
 *
 * show(perClassTable(metricsOf([[6, 2], [1, 3]], ["joy", "anger"]), "dev"));
 * ```
 */
export const perClassTable = (
  scores: Scores,
  title?: string,
  intervals?: readonly ClassIntervals[],
): Table => areClasses(scores) ? tableOfClasses(scores, title, intervals) : tableOfLabels(scores, title);

/** Scores of labels that are shares, and those that are counts. The rest are numbers. */
const COUNTS = ["support"],
  SHARES = [
    "precision",
    "recall",
    "f1",
    "weighted_accuracy",
    "weighted_f1",
    "true_share",
    "predicted_share",
  ];

function tableOfLabels({ target, per_label }: VectorMetrics, title?: string): Table {
  const scores = Object.keys(per_label[0]).filter((key) => key !== "label");
  const names: Record<string, string> = {
    f1: "F1",
    weighted_accuracy: "weighted acc.",
    weighted_f1: "weighted F1",
    ccc: "CCC",
    pearson: "Pearson",
    rmse: "RMSE",
    mae: "MAE",
  };
  return {
    title,
    columns: [
      { distribution: "class", labels: "label", values: "dimension" }[target],
      ...scores.map((score) => {
        const name = names[score] ?? score.replace("_", " ");
        if (COUNTS.includes(score)) return name;
        return SHARES.includes(score) ? { name, percent: true } : { name, digits: 3 };
      }),
    ],
    rows: per_label.map((row) => [row.label, ...scores.map((score) => row[score])]),
  };
}

function tableOfClasses(
  { per_class, n, macro_f1, weighted_f1 }: Metrics,
  title?: string,
  intervals?: readonly ClassIntervals[],
): Table {
  const ends = (c?: number) =>
    intervals ? [c === undefined ? null : intervals[c].f1.map((end) => percent(end)).join(" to ")] : [];
  const average = (of: (c: Metrics["per_class"][number]) => number, weight: (support: number) => number) =>
    per_class.reduce((sum, c) => sum + of(c) * weight(c.support), 0);
  const averages = (name: string, f1: number, weight: (support: number) => number) => [
    name,
    average((c) => c.precision, weight),
    average((c) => c.recall, weight),
    f1,
    ...ends(),
    n,
  ];
  return {
    title,
    columns: [
      "class",
      ...["precision", "recall", "F1"].map((name) => ({ name, percent: true })),
      ...intervals ? [{ name: "F1, 95 %", align: "right" as const }] : [],
      "support",
    ],
    rows: [
      ...per_class.map((
        { label, precision, recall, f1, support },
        c,
      ) => [label, precision, recall, f1, ...ends(c), support]),
      averages("macro average", macro_f1, () => 1 / per_class.length),
      averages("weighted average", weighted_f1, (support) => support / n),
    ],
    strong: [per_class.length, per_class.length + 1],
  };
}

/**
 * Returns a table with a row per method or control, and a column per metric that is shown in the table of a
 * run.
 *
 * @example
 * ```ts
 * import { comparisonTable, metricsOf, show } from "@undertone/undertone";
 *
 * const labels = ["joy", "anger"];
 * show(comparisonTable([
 *   { name: "memocmt", metrics: metricsOf([[6, 2], [1, 3]], labels), strong: true },
 *   { name: "majority", metrics: metricsOf([[8, 0], [4, 0]], labels) },
 * ], "dev"));
 * ```
 */
export function comparisonTable(
  systems: readonly { name: string; metrics: Scores; strong?: boolean }[],
  title?: string,
): Table {
  const shown = allMetrics().filter(({ id, shown }) =>
    shown !== "files" && systems.some(({ metrics }) => metricValue(metrics, id) !== undefined)
  );
  return {
    title,
    columns: [
      "",
      ...shown.map(({ label: name, percent = true }) => percent ? { name, percent } : { name, digits: 3 }),
    ],
    rows: systems.map(({ name, metrics }) => [
      name,
      ...shown.map(({ id }) => metricValue(metrics, id) ?? null),
    ]),
    strong: systems.flatMap(({ strong }, i) => strong ? [i] : []),
  };
}

/** The tables that every run shows. */
import type { Metrics } from "../eval/metrics.ts";
import type { Table } from "./table.ts";

/** Precision, recall, F1 and support per class, then their averages, in percent. */
export function perClassTable({ per_class, n, macro_f1, weighted_f1 }: Metrics, title?: string): Table {
  const average = (of: (c: Metrics["per_class"][number]) => number, weight: (support: number) => number) =>
    per_class.reduce((sum, c) => sum + of(c) * weight(c.support), 0);
  const averages = (name: string, f1: number, weight: (support: number) => number) => [
    name,
    average((c) => c.precision, weight),
    average((c) => c.recall, weight),
    f1,
    n,
  ];
  return {
    title,
    columns: [
      "class",
      ...["precision", "recall", "F1"].map((name) => ({ name, percent: true })),
      "support",
    ],
    rows: [
      ...per_class.map((
        { label, precision, recall, f1, support },
      ) => [label, precision, recall, f1, support]),
      averages("macro average", macro_f1, () => 1 / per_class.length),
      averages("weighted average", weighted_f1, (support) => support / n),
    ],
    strong: [per_class.length, per_class.length + 1],
  };
}

/** One row per system or floor: accuracy, F1 averages, balanced accuracy in percent; kappa. */
export function comparisonTable(
  systems: readonly { name: string; metrics: Metrics; strong?: boolean }[],
  title?: string,
): Table {
  return {
    title,
    columns: [
      "",
      ...["accuracy", "weighted F1", "macro F1", "balanced acc."].map((name) => ({ name, percent: true })),
      { name: "kappa", digits: 3 },
    ],
    rows: systems.map(({ name, metrics }) => [
      name,
      metrics.accuracy,
      metrics.weighted_f1,
      metrics.macro_f1,
      metrics.balanced_accuracy,
      metrics.cohen_kappa,
    ]),
    strong: systems.flatMap(({ strong }, i) => strong ? [i] : []),
  };
}

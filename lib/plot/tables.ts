/** The tables that every run prints. */
import { type Metrics, metricsFor, metricValue } from "../eval/mod.ts";
import type { Table } from "./table.ts";

/**
 * Returns a table of precision, recall, F1 and support per class, then their averages, in percent.
 *
 * @example
 * ```ts
 * import { metricsOf, perClassTable, show } from "@undertone/undertone";
 *
 * show(perClassTable(metricsOf([[6, 2], [1, 3]], ["joy", "anger"]), "dev"));
 * ```
 */
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
  systems: readonly { name: string; metrics: Metrics; strong?: boolean }[],
  title?: string,
): Table {
  const shown = metricsFor("class").filter(({ id, shown }) =>
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

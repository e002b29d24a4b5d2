import type { Split } from "../../lib/data/mod.ts";
import { formatted } from "../../lib/eval/mod.ts";
import { headlineOf, resultNotes, type SplitResult, systemsOf } from "../../lib/jobs/mod.ts";
import { comparisonTable, gapTexts, groupsTable, perClassTable, tableText } from "../../lib/plot/mod.ts";

/**
 * Formats a result: the comparison with its controls, the table per class, label or dimension, and the main
 * metric with its confidence interval.
 */
export function resultText(result: SplitResult, split: Split, name = "this model"): string {
  const { metric, value, interval } = headlineOf(result);
  const [low, high] = interval?.interval_95.map((end) => formatted(metric, end).replace(" %", "")) ?? [];
  return [
    tableText(comparisonTable(systemsOf(name, result), `Result on ${split}`)),
    tableText(perClassTable(result.metrics)),
    `${metric.label} ${formatted(metric, value)}, ` +
    (interval
      ? `95 % interval ${low} to ${high} (bootstrap over ${interval.clusters} distinct ${interval.by}s)`
      : "no interval: it is undefined for some resamples"),
    ...resultNotes(result, split),
    ...(result.groups ?? []).flatMap((groups) => [
      "",
      tableText(groupsTable(groups, split)).trimEnd(),
      ...gapTexts(groups),
    ]),
  ].join("\n");
}

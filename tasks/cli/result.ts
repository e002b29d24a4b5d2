import { type SplitResult, systemsOf } from "../../lib/jobs/mod.ts";
import { comparisonTable, perClassTable, tableText } from "../../lib/plot/mod.ts";

/** Formats a result: the comparison with its controls, the table per class, and the confidence interval. */
export function resultText(result: SplitResult, split: string, name = "this model"): string {
  const { interval_95: [low, high], clusters, by } = result.weighted_f1_interval;
  const percent = (share: number) => (100 * share).toFixed(1);
  return [
    tableText(comparisonTable(systemsOf(name, result), `Result on ${split}`)),
    tableText(perClassTable(result.metrics)),
    `weighted F1 ${percent(result.metrics.weighted_f1)} %, 95 % interval ${percent(low)} to ${
      percent(high)
    } ` +
    `(bootstrap over ${clusters} distinct ${by}s)`,
  ].join("\n");
}

import type { Split } from "../../lib/data/mod.ts";
import { type Certainty, formatted } from "../../lib/eval/mod.ts";
import { balancedOf, headlineOf, resultNotes, type SplitResult, systemsOf } from "../../lib/jobs/mod.ts";
import {
  calibrationTable,
  certaintyTexts,
  comparisonTable,
  gapTexts,
  groupsTable,
  perClassTable,
  tableText,
} from "../../lib/plot/mod.ts";

/**
 * Formats a result: the comparison with its controls, the table per class, label or dimension, and the main
 * metric and balanced accuracy with their confidence intervals.
 */
export function resultText(result: SplitResult, split: Split, name = "this model"): string {
  const measured = [headlineOf(result), balancedOf(result) ?? []].flat();
  return [
    tableText(comparisonTable(systemsOf(name, result), `Result on ${split}`)),
    tableText(perClassTable(result.metrics)),
    ...measured.map(({ metric, value, interval }) => {
      const ends = interval?.interval_95.map((end) => formatted(metric, end).replace(" %", ""));
      return `${metric.label} ${formatted(metric, value)}, ` +
        (interval && ends
          ? `95 % interval ${ends[0]} to ${ends[1]} (bootstrap over ${interval.clusters} distinct ` +
            `${interval.by}s)`
          : "no interval: it is undefined for some resamples");
    }),
    ...resultNotes(result, split),
    ...(result.groups ?? []).flatMap((groups) => [
      "",
      tableText(groupsTable(groups, split)).trimEnd(),
      ...gapTexts(groups),
    ]),
  ].join("\n");
}

/** Formats how sure a model is: calibration before and after scaling, and sentences on sets and errors. */
export const certaintyText = (certainty: Certainty, split: Split): string =>
  [
    tableText(calibrationTable({ [split]: certainty }, `Calibration on ${split}`)).trimEnd(),
    ...certaintyTexts(certainty),
  ].join("\n");

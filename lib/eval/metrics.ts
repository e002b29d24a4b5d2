/** Computes all metrics of a split, in the form that a run reports and stores. */
import { type ClassScores, type Confusion, perClass } from "./confusion.ts";
import { metricsFor, valueOf } from "./metric.ts";
import { type ClassOutcomes, classOutcomes } from "./target.ts";

/** The scores of a class, with its name. */
export interface ClassMetrics extends ClassScores {
  /** Name of the class. */
  label: string;
}

/**
 * The results of a split. Shares are fractions, not percent. An undefined value is null in JSON. Metrics that
 * users registered are added under their ids.
 */
export interface Metrics {
  /** Number of rows. */
  n: number;
  /** Share of rows that are predicted correctly. */
  accuracy: number;
  /** Mean recall over the classes that occur in the truth. */
  balanced_accuracy: number;
  /** Mean F1 of the classes, weighted by their number of rows. */
  weighted_f1: number;
  /** Mean F1 of all classes. A class that neither occurs nor is predicted counts as 0. */
  macro_f1: number;
  /** F1 of all decisions pooled, which equals accuracy here. */
  micro_f1: number;
  /** Cohen's kappa. Null if the truth and the prediction have the same single class. */
  cohen_kappa: number | null;
  /** Matthews correlation coefficient. 0 if the truth or the prediction has a single class. */
  mcc: number;
  /** Scores of each class. */
  per_class: ClassMetrics[];
  /** Counts `[C][C]`: row = truth, column = prediction. */
  confusion: number[][];
}

/**
 * Computes all metrics of predicted classes against true ones, both indices into `labels`. Metrics that need
 * probabilities read `probabilities` `[N][C]`. Throws UndertoneError if there are no rows, the lengths differ
 * or an index has no label.
 *
 * @example
 * ```ts
 * import { metrics } from "@undertone/undertone";
 *
 * const { accuracy, per_class } = metrics([0, 0, 1], [0, 1, 1], ["joy", "anger"]);
 * console.log(accuracy, per_class[1].recall); // 0.67, 1
 * ```
 */
export const metrics = (
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  labels: readonly string[],
  probabilities?: readonly (readonly number[])[],
): Metrics => metricsOfOutcomes(classOutcomes(truth, predicted, labels, probabilities));

function metricsOfOutcomes(outcomes: ClassOutcomes): Metrics {
  const { confusion, labels } = outcomes;
  const values = metricsFor("class").map((metric) => [metric.id, valueOf(metric, outcomes)]);
  return {
    n: confusion.reduce((sum, row) => sum + row.reduce((a, b) => a + b, 0), 0),
    ...Object.fromEntries(values) as Omit<Metrics, "n" | "per_class" | "confusion">,
    per_class: perClass(confusion).map((scores, c) => ({ label: labels[c], ...scores })),
    confusion: confusion.map((row) => [...row]),
  };
}

/** Returns a metric's value by its id, or undefined if the run was made before the metric was registered. */
export const metricValue = (metrics: Metrics, id: string): number | null | undefined =>
  (metrics as unknown as Record<string, number | null | undefined>)[id];

/**
 * Computes all metrics of a confusion matrix that has at least one count.
 *
 * @example
 * ```ts
 * import { metricsOf } from "@undertone/undertone";
 *
 * const { macro_f1 } = metricsOf([[3, 1], [1, 1]], ["joy", "anger"]);
 * ```
 */
export function metricsOf(confusion: Confusion, labels: readonly string[]): Metrics {
  const truth: number[] = [], predicted: number[] = [];
  confusion.forEach((row, t) =>
    row.forEach((count, p) => {
      for (let i = 0; i < count; i++) [truth[truth.length], predicted[predicted.length]] = [t, p];
    })
  );
  return metrics(truth, predicted, labels);
}

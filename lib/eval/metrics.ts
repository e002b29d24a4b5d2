/** All metrics of a split, as a run tells and keeps them. */
import { type ClassScores, type Confusion, perClass } from "./confusion.ts";
import { metricsFor, valueOf } from "./metric.ts";
import { type ClassOutcomes, classOutcomes } from "./target.ts";

/** What a class scores, with its name. */
export interface ClassMetrics extends ClassScores {
  /** Name of the class. */
  label: string;
}

/**
 * What a run says of itself to the world; shares are fractions, not percent. JSON has null where a value is undefined.
 * Metrics that users registered stand beside these under their ids.
 */
export interface Metrics {
  /** Rows counted. */
  n: number;
  /** Share of the rows that are right. */
  accuracy: number;
  /** Unweighted average recall over the classes that occur in the truth. */
  balanced_accuracy: number;
  /** F1 of the classes, weighted by their rows. */
  weighted_f1: number;
  /** Over all classes: one that neither occurs nor is predicted counts as 0. */
  macro_f1: number;
  /** F1 of all decisions pooled, which here is accuracy. */
  micro_f1: number;
  /** Null where truth and prediction are one and the same class. */
  cohen_kappa: number | null;
  /** Matthews correlation coefficient; 0 where truth or prediction is a single class. */
  mcc: number;
  /** Scores of each class. */
  per_class: ClassMetrics[];
  /** Counts `[C][C]`: row = truth, column = prediction. */
  confusion: number[][];
}

/**
 * All metrics of predicted classes against true ones, both indices into `labels`; `probabilities` `[N][C]` are for
 * metrics that want them. Throws UndertoneError if there are no rows, the lengths differ or an index has no label.
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

/** A metric's value among a run's, by its id; undefined where the run was made before the metric was registered. */
export const metricValue = (metrics: Metrics, id: string): number | null | undefined =>
  (metrics as unknown as Record<string, number | null | undefined>)[id];

/**
 * All metrics of a confusion matrix with at least one count, as if its rows stood one after another.
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

/** Computes all metrics of a split, in the form that a run reports and stores. */
import { type ClassScores, type Confusion, perClass } from "./confusion.ts";
import type { VectorKind } from "../target.ts";
import { metricsFitting, valueOf } from "./metric.ts";
import { perLabel } from "./several_labels.ts";
import { type ClassOutcomes, classOutcomes, type Outcomes, type VectorOutcomes } from "./target.ts";
import { perDimension } from "./values.ts";

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
 * The results of a split whose targets are no classes. Each metric is a field under its id, null if it is
 * undefined: `ccc`, `macro_f1`, `kl`. Metrics that are not meant for these targets are absent.
 */
export interface VectorMetrics {
  /** The kind of target. */
  target: VectorKind;
  /** Number of rows. */
  n: number;
  /** Scores of each label or dimension by name. Those of a distribution are its mean shares. */
  per_label: LabelMetrics[];
  /** The metrics by id. */
  [metric: string]: number | null | VectorKind | LabelMetrics[];
}

/** The name of a class, label or dimension, and its scores. */
export type LabelMetrics = { label: string } & Record<string, number | null | string>;

/** The results of a split, for any kind of target. Those of classes have no field `target`. */
export type Scores = Metrics | VectorMetrics;

/** Returns whether the targets are classes. */
export const areClasses = (scores: Scores): scores is Metrics => !("target" in scores);

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
): Metrics => metricsOfClasses(classOutcomes(truth, predicted, labels, probabilities));

/** Computes all metrics of outcomes of any kind. */
export const metricsOfOutcomes = (outcomes: Outcomes): Scores =>
  outcomes.kind === "class" ? metricsOfClasses(outcomes) : metricsOfVectors(outcomes);

function metricsOfVectors(outcomes: VectorOutcomes): VectorMetrics {
  const { kind, labels, truth } = outcomes, scores = PER_LABEL[kind](outcomes);
  return {
    target: kind,
    n: truth.length,
    ...Object.fromEntries(metricsFitting(outcomes).map((metric) => [metric.id, valueOf(metric, outcomes)])),
    per_label: labels.map((label, c) => ({ label, ...scores[c] })),
  };
}

/** The scores of each name by kind. */
const PER_LABEL: Record<VectorKind, (outcomes: VectorOutcomes) => object[]> = {
  distribution: ({ truth, predicted, labels }) =>
    labels.map((_, c) => ({ true_share: meanOf(truth, c), predicted_share: meanOf(predicted, c) })),
  labels: perLabel,
  values: perDimension,
};

const meanOf = (rows: VectorOutcomes["truth"], c: number): number =>
  rows.reduce((sum, row) => sum + row[c], 0) / rows.length;

function metricsOfClasses(outcomes: ClassOutcomes): Metrics {
  const { confusion, labels } = outcomes;
  const values = metricsFitting(outcomes).map((metric) => [metric.id, valueOf(metric, outcomes)]);
  return {
    n: confusion.reduce((sum, row) => sum + row.reduce((a, b) => a + b, 0), 0),
    ...Object.fromEntries(values) as Omit<Metrics, "n" | "per_class" | "confusion">,
    per_class: perClass(confusion).map((scores, c) => ({ label: labels[c], ...scores })),
    confusion: confusion.map((row) => [...row]),
  };
}

/** Returns a metric's value by its id, or undefined if the run was made before the metric was registered. */
export const metricValue = (metrics: Scores, id: string): number | null | undefined =>
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

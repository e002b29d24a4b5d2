/** Kinds of target, and the truths and predictions that metrics compare. */
import { badInput } from "../errors.ts";
import { type Confusion, confusionMatrix } from "./confusion.ts";

/**
 * A class (one of the labels), a distribution over the classes (votes), several labels at once (each 0 or 1),
 * or continuous values (valence, arousal).
 */
export type TargetKind = "class" | "distribution" | "labels" | "values";

/** Truths and predictions of the rows of a split, for metrics. */
export type Outcomes = ClassOutcomes | VectorOutcomes;

/** Outcomes of rows with one true class. */
export interface ClassOutcomes {
  /** The kind of target. */
  kind: "class";
  /** Names of the classes; the index of a name is its class. */
  labels: readonly string[];
  /** True class of each row. */
  truth: ArrayLike<number>;
  /** Predicted class of each row. */
  predicted: ArrayLike<number>;
  /** Probability of each class, row by row `[N][C]`, if known. */
  probabilities?: readonly (readonly number[])[];
  /** Counts `[C][C]`: row = truth, column = prediction. */
  confusion: Confusion;
}

/**
 * Outcomes of rows with one number per label `[N][C]`: a distribution, 0 or 1 for each label, or continuous
 * values.
 */
export interface VectorOutcomes {
  /** The kind of target. */
  kind: "distribution" | "labels" | "values";
  /** Names of the classes, labels or dimensions. */
  labels: readonly string[];
  /** True values of each row. */
  truth: readonly (readonly number[])[];
  /** Predicted probabilities or values of each row. */
  predicted: readonly (readonly number[])[];
}

/**
 * Creates outcomes from true and predicted classes, both indices into `labels`. Throws UndertoneError if
 * there are no rows, the lengths differ or an index has no label.
 */
export function classOutcomes(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  labels: readonly string[],
  probabilities?: readonly (readonly number[])[],
): ClassOutcomes {
  const fail = (expected: string, found: string) =>
    badInput({ expected, found, at: "metrics", todo: "Pass one true and one predicted class per row." });
  if (truth.length === 0) throw fail("at least one row", "none");
  if (truth.length !== predicted.length) throw fail(`${truth.length} predictions`, `${predicted.length}`);
  for (const classes of [truth, predicted]) {
    for (let i = 0; i < classes.length; i++) {
      if (labels[classes[i]] === undefined) {
        throw fail(`classes 0 to ${labels.length - 1}`, `${classes[i]} in row ${i}`);
      }
    }
  }
  const confusion = confusionMatrix(truth, predicted, labels.length);
  return { kind: "class", labels, truth, predicted, probabilities, confusion };
}

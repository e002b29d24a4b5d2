/** The truths and predictions that metrics compare. */
import { badInput } from "../errors.ts";
import type { VectorKind } from "../target.ts";
import { type Confusion, confusionMatrix } from "./confusion.ts";

export type { TargetKind } from "../target.ts";

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
  kind: VectorKind;
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

/**
 * Creates outcomes from true and predicted numbers `[N][C]`. Throws UndertoneError if there are no rows, the
 * lengths differ or a row has another number of numbers than there are labels.
 */
export function vectorOutcomes(
  kind: VectorKind,
  truth: VectorOutcomes["truth"],
  predicted: VectorOutcomes["predicted"],
  labels: readonly string[],
): VectorOutcomes {
  const lengths = [truth, predicted].map((rows) => rows.length);
  const odd = [...truth, ...predicted].find((row) => row.length !== labels.length);
  if (truth.length > 0 && lengths[0] === lengths[1] && !odd) return { kind, labels, truth, predicted };
  throw badInput({
    expected: `true and predicted rows of ${labels.length} numbers`,
    found: odd ? `a row of ${odd.length}` : lengths.join(" true and ") + " predicted rows",
    at: "metrics",
    todo: "Pass a number for each label, and a prediction for each row.",
  });
}

/** Returns the outcomes of some rows, with repeats, as a bootstrap needs them. */
export function outcomesOfRows(outcomes: Outcomes, rows: ArrayLike<number>): Outcomes {
  const of = <T>(all: ArrayLike<T>): T[] => Array.from(rows, (row) => all[row]);
  if (outcomes.kind !== "class") {
    return { ...outcomes, truth: of(outcomes.truth), predicted: of(outcomes.predicted) };
  }
  const { truth, predicted, labels, probabilities } = outcomes;
  return classOutcomes(of(truth), of(predicted), labels, probabilities && of(probabilities));
}

/**
 * Scores of sentiment on the scale from -3 to 3, as results on CMU-MOSI and CMU-MOSEI are published (MulT,
 * MISA, MMSA). Two conventions divide it into two classes: negative and non-negative, over all rows; or
 * negative and positive, over the rows whose truth is not 0.
 */
import { accuracy, confusionMatrix, weightedF1 } from "./confusion.ts";
import type { Outcomes, VectorOutcomes } from "./target.ts";

/** The name of the dimension. */
const SENTIMENT = "sentiment";

/** What targets need for these scores. */
export const SENTIMENT_NEEDS = "a dimension 'sentiment' on the scale from -3 to 3";

/** Returns the column of sentiment, or -1. */
const columnOf = (labels: readonly string[]): number =>
  labels.findIndex((label) => label.toLowerCase() === SENTIMENT);

/**
 * Returns whether outcomes have sentiment on the scale from -3 to 3: a dimension of this name, true values
 * within the scale, and some beyond 1 or -1. Without those, the scale may be one from -1 to 1.
 */
export function hasSentiment(
  { kind, labels, truth }: Pick<Outcomes, "kind" | "labels" | "truth">,
): boolean {
  const column = kind === "values" ? columnOf(labels) : -1;
  if (column < 0) return false;
  const sizes = (truth as VectorOutcomes["truth"]).map((row) => Math.abs(row[column]));
  return sizes.every((size) => size <= 3) && sizes.some((size) => size > 1);
}

/**
 * Returns the share of rows whose value, cut to -3 to 3 and rounded, is right; a half goes to the even one.
 */
export function sentimentAccuracy7(outcomes: VectorOutcomes): number {
  const { truth, predicted } = valuesOf(outcomes);
  const level = (value: number) => roundHalfEven(Math.min(3, Math.max(-3, value)));
  return truth.filter((value, i) => level(value) === level(predicted[i])).length / truth.length;
}

/** Two classes of sentiment. */
export type SentimentClasses = "non_negative" | "positive";

/** Returns the share of rows in the right one of two classes. */
export const sentimentAccuracy2 = (classes: SentimentClasses) => (outcomes: VectorOutcomes): number =>
  accuracy(counts(outcomes, classes));

/**
 * Returns the F1 of two classes, weighted by their true rows. Some published scripts exchange truth and
 * prediction, and so weight by the predicted rows.
 */
export const sentimentF1 = (classes: SentimentClasses) => (outcomes: VectorOutcomes): number =>
  weightedF1(counts(outcomes, classes));

/**
 * Returns the counts `[2][2]` of negative rows and the others. With `positive`, rows with the truth 0 are
 * left out, and a prediction of 0 counts as negative, as in the published scripts.
 */
function counts(outcomes: VectorOutcomes, classes: SentimentClasses): number[][] {
  const { truth, predicted } = valuesOf(outcomes), all = classes === "non_negative";
  const rows = [...truth.keys()].filter((row) => all || truth[row] !== 0);
  const classOf = (value: number) => Number(all ? value >= 0 : value > 0);
  return confusionMatrix(truth.map(classOf), predicted.map(classOf), 2, rows);
}

function valuesOf({ labels, truth, predicted }: VectorOutcomes): { truth: number[]; predicted: number[] } {
  const column = columnOf(labels), of = (rows: VectorOutcomes["truth"]) => rows.map((row) => row[column]);
  return { truth: of(truth), predicted: of(predicted) };
}

/** Rounds as numpy does. -0 and 0 are equal. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value), part = value - below;
  return part < 0.5 || (part === 0.5 && below % 2 === 0) ? below : below + 1;
}

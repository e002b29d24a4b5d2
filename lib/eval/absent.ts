/** Says what macro F1 means if the truth lacks a class, and why scores of other targets are undefined. */
import { areClasses, type Scores, type VectorMetrics } from "./metrics.ts";

/**
 * Returns notes on classes without a row among those that were scored: macro F1 counts them, scikit-learn's
 * default only if they are predicted, and balanced accuracy never. Of other targets, notes on the labels and
 * dimensions whose scores are undefined. Empty if there are none.
 *
 * @example
 * ```ts
 * import { absentNotes, metricsOf } from "@undertone/undertone";
 *
 * const scores = metricsOf([[3, 1, 0], [1, 1, 0], [0, 0, 0]], ["joy", "anger", "fear"]);
 * console.log(absentNotes(scores, "test")[0]); // No row of test is 'fear'. …
 * ```
 */
export function absentNotes(scores: Scores, split: string, system?: string): string[] {
  if (!areClasses(scores)) return undefinedNotes(scores, split);
  const { per_class, confusion, macro_f1 } = scores;
  const absent = per_class.filter(({ support }) => support === 0).map(({ label }) => `'${label}'`);
  if (absent.length === 0) return [];
  const counted = per_class.filter(({ support }, c) => support > 0 || confusion.some((row) => row[c] > 0));
  const theirs = counted.reduce((sum, { f1 }) => sum + f1, 0) / counted.length;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return [
    `No row of ${split} is ${absent.join(" or ")}. Macro F1 (${percent(macro_f1)}${
      system ? ` of ${system}` : ""
    }) counts each class, a class ` +
    `without rows as 0. f1_score(average="macro") of scikit-learn leaves out a class that is neither true nor ` +
    `predicted, unless \`labels\` names it: ${percent(theirs)}. Balanced accuracy is over the classes that ` +
    `have rows.`,
  ];
}

/** The scores that may be undefined for a label or dimension, and why. */
const REASONS: Readonly<Record<string, { name: string; why: string }>> = {
  weighted_accuracy: { name: "weighted accuracy", why: "no row has the label, or all rows have it" },
  pearson: { name: "Pearson's correlation", why: "the true or the predicted values are all equal" },
  ccc: { name: "CCC", why: "the true and the predicted values are the same constant" },
};

/** Returns a note on each score that is undefined for some labels or dimensions. */
const undefinedNotes = ({ per_label }: VectorMetrics, split: string): string[] =>
  Object.entries(REASONS).flatMap(([score, { name, why }]) => {
    const without = per_label.filter((row) => row[score] === null).map(({ label }) => `'${label}'`);
    if (without.length === 0) return [];
    const mean = per_label.length > 1 ? ", and so is its mean" : "";
    return [`On ${split}, ${name} is undefined for ${without.join(" and ")}${mean}: ${why}.`];
  });

/** Says what macro F1 means if the truth lacks a class. */
import { areClasses, type Scores } from "./metrics.ts";

/**
 * Returns notes on classes without a row among those that were scored: macro F1 counts them, scikit-learn's
 * default only if they are predicted, and balanced accuracy never. Empty if every class has a row.
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
  if (!areClasses(scores)) return [];
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

/**
 * Notes on classes that a split lacks, and the bound on macro F1 that follows, since macro F1 counts every
 * class.
 */
import { quoted } from "./sources/source.ts";
import { type Split, SPLITS, type Utterance } from "./utterance.ts";

/**
 * Returns notes on labels without a row in train, other labels without a row in dev or test, and the
 * resulting bound on macro F1. Empty if every split has all labels. `labels` are all classes. Splits without
 * labelled rows are ignored.
 */
export function coverageNotes(rows: readonly Utterance[], labels: readonly string[]): string[] {
  const counts = Map.groupBy(rows, ({ split, label }) => `${split} ${label}`);
  const count = (split: Split, label: string) => counts.get(`${split} ${label}`)?.length ?? 0;
  const there = SPLITS.filter((split) => labels.some((label) => count(split, label) > 0));
  const read = there.filter((split) => split !== "train"), trained = there.includes("train");
  const untaught = trained ? labels.filter((label) => count("train", label) === 0) : [];
  const notes: string[] = [];
  if (untaught.length > 0) {
    const named = untaught.map((label) => {
      const elsewhere = read.map((split) => `${count(split, label)} in ${split}`).join(", ");
      return `'${label}'${elsewhere && ` (${elsewhere})`}`;
    });
    const [what, has] = named.length > 1 ? ["labels", "have"] : ["label", "has"];
    notes.push(`The ${what} ${named.join(", ")} ${has} no row in train.`);
  }
  const bounds: string[] = [];
  for (const split of read) {
    const absent = labels.filter((label) => count(split, label) === 0 && !untaught.includes(label));
    if (absent.length > 0) notes.push(`The split '${split}' has no row of ${quoted(absent)}.`);
    const lacking = absent.length + untaught.length;
    if (lacking > 0) bounds.push(`${(100 * (1 - lacking / labels.length)).toFixed(1)} % on ${split}`);
  }
  if (bounds.length > 0) {
    notes.push(
      "Macro F1 averages over all classes, these included. Their F1 is 0 unless a model trained on this data " +
        `predicts one by luck, so macro F1 is at most ${bounds.join(" and ")}.`,
    );
  }
  return notes;
}

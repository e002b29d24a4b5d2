/**
 * Notes on classes that a split lacks, and the bound on macro F1 that follows, since macro F1 counts every
 * class. For continuous values, notes on dimensions that do not vary.
 */
import type { TargetKind } from "../target.ts";
import { type Split, SPLITS, type Utterance } from "./utterance.ts";

/**
 * Returns notes on labels without a row in train, other labels without a row in dev or test, and the
 * resulting bound on macro F1. Empty if every split has all labels. `labels` are all classes. Splits without
 * labelled rows are ignored. For continuous values, returns notes on dimensions that are constant in a split.
 */
export function coverageNotes(
  rows: readonly Utterance[],
  labels: readonly string[],
  target: TargetKind = "class",
): string[] {
  if (target === "values") return constantNotes(rows, labels);
  const counts = new Map<string, number>();
  for (const row of rows) {
    for (const label of namesOf(row)) {
      const key = `${row.split} ${label}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  const count = (split: Split, label: string) => counts.get(`${split} ${label}`) ?? 0;
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
    notes.push(`The ${what} ${listed(named)} ${has} no row in train.`);
  }
  const bounds: string[] = [];
  for (const split of read) {
    const absent = labels.filter((label) => count(split, label) === 0 && !untaught.includes(label));
    if (absent.length > 0) notes.push(`The split '${split}' has no row of ${shortly(absent)}.`);
    const lacking = absent.length + untaught.length;
    if (lacking > 0) bounds.push(`${(100 * (1 - lacking / labels.length)).toFixed(1)} % on ${split}`);
  }
  if (bounds.length > 0 && target !== "distribution") {
    const luck = untaught.length > 0 ? ", and of one that train lacks unless it is predicted by luck" : "";
    notes.push(
      `Macro F1 averages over all classes. The F1 of a class that a split lacks is 0 there${luck}: ` +
        `macro F1 is at most ${bounds.join(" and ")}.`,
    );
  }
  return notes;
}

/** Labels that a note names; the others are counted. */
const MOST_NAMED = 30;

const listed = (names: readonly string[]): string =>
  names.slice(0, MOST_NAMED).join(", ") +
  (names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "");

const shortly = (names: readonly string[]): string => listed(names.map((name) => `'${name}'`));

/** Returns the label of a row, the labels that it has, or the classes that somebody voted for. */
const namesOf = ({ label, target }: Utterance): (string | undefined)[] =>
  target ? Object.keys(target).filter((name) => target[name] > 0) : [label];

/** Returns notes on dimensions with a single value in a split. */
const constantNotes = (rows: readonly Utterance[], dimensions: readonly string[]): string[] =>
  SPLITS.flatMap((split) =>
    dimensions.flatMap((name) => {
      const values = rows.flatMap((row) => row.split === split ? row.target?.[name] ?? [] : []);
      if (values.length === 0 || values.some((value) => value !== values[0])) return [];
      const so = split === "train" ? "Nothing can be learned of it" : "Its CCC is 0 or undefined there";
      return [`'${name}' is ${values[0]} in every row of the split '${split}'. ${so}.`];
    })
  );

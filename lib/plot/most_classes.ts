/** Gathers the rarer of many classes into one, so that their matrix can be drawn and read. */

import { count } from "./theme.ts";

/** What a matrix shows of classes: counts `[C][C]`, row = truth, and the name and rows of each class. */
export interface Counts {
  confusion: readonly (readonly number[])[];
  per_class: readonly { label: string; support: number }[];
}

/** Most classes of a matrix. */
export const MOST_CLASSES = 40;

/** Returns what a subtitle says of such a matrix; nothing if it shows each of the classes. */
export const shownOf = (classes: number): string =>
  classes > MOST_CLASSES ? `  ·  ${MOST_CLASSES - 1} most frequent of ${count(classes)} classes` : "";

/** Returns the counts. Of more than 40 classes, all but the 39 with most rows are one. */
export function ofMostClasses(counts: Counts): Counts {
  const { confusion, per_class } = counts, classes = [...per_class.keys()];
  if (classes.length <= MOST_CLASSES) return counts;
  const byRows = classes.toSorted((a, b) => per_class[b].support - per_class[a].support || a - b);
  const kept = byRows.slice(0, MOST_CLASSES - 1).sort((a, b) => a - b), rest = byRows.slice(MOST_CLASSES - 1);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const columns = (row: readonly number[]) => [...kept.map((c) => row[c]), sum(rest.map((c) => row[c]))];
  const others = rest.map((c) => columns(confusion[c]));
  return {
    confusion: [
      ...kept.map((c) => columns(confusion[c])),
      Array.from({ length: MOST_CLASSES }, (_, j) => sum(others.map((row) => row[j]))),
    ],
    per_class: [
      ...kept.map((c) => per_class[c]),
      { label: `${rest.length} others`, support: sum(rest.map((c) => per_class[c].support)) },
    ],
  };
}

/** Audits the folds of a protocol: what each one trains on and tests, and faults that distort its results. */
import { auditDataset, contentFindings, partFindings } from "../audit.ts";
import { coverageNotes } from "../coverage.ts";
import { contextNotes, type ContextOptions } from "../dialogue.ts";
import { normaliseText } from "../text.ts";
import { type Dataset, type Split, SPLITS, type Utterance } from "../utterance.ts";
import type { Fold } from "./folds.ts";

/** What rows of two splits may share. */
const KEYS = {
  speakers: ({ speaker }: Utterance) => speaker,
  dialogues: ({ dialogue }: Utterance) => dialogue,
  sessions: ({ session }: Utterance) => session,
  clips: ({ audio }: Utterance) => audio,
  texts: ({ text }: Utterance) => normaliseText(text ?? "") || undefined,
};
type Key = keyof typeof KEYS;
const KEY_NAMES = Object.keys(KEYS) as Key[];
const PAIRS: readonly (readonly [Split, Split])[] = [["train", "dev"], ["train", "test"], ["dev", "test"]];

/** The counts of one fold. */
export interface FoldAudit {
  /** Number of the fold, from 1. */
  number: number;
  /** What it tests. */
  name: string;
  /** Rows by split. */
  rows: Record<Split, number>;
  /** Distinct speakers by split. */
  speakers: Record<Split, number>;
  /** Rows by label and split. */
  labels: Record<string, Record<Split, number>>;
}

/** The audit of all folds. */
export interface FoldsAudit {
  /** Name of the data set. */
  name: string;
  /** Rows that any fold uses. */
  rows: number;
  /** The audit of each fold, in order. */
  folds: FoldAudit[];
  /** What is in one split alone, in every fold: `speakers`, `dialogues`, … */
  disjoint: string[];
  /** One sentence for each finding, the most serious ones first. */
  findings: string[];
}

/**
 * Audits the folds of a protocol. With `context`, also says how many turns the utterances read.
 *
 * @example
 * ```ts
 * import { auditFolds, foldsOf, loadDataset } from "@undertone/undertone";
 *
 * const { folds, findings } = auditFolds(foldsOf(await loadDataset("sample"), "kfold:3"));
 * console.log(folds.map(({ speakers }) => speakers.test), findings.join("\n"));
 * ```
 */
export function auditFolds(folds: readonly Fold[], context?: ContextOptions): FoldsAudit {
  const rows = [
    ...new Map(folds.flatMap(({ dataset }) => dataset.rows).map((row) => [row.id, row])).values(),
  ];
  const audits = folds.map(({ number, name, dataset }): FoldAudit => {
    const { rows, labels } = auditDataset(dataset);
    return { number, name, rows, labels, speakers: distinct(dataset, KEYS.speakers) };
  });
  const shared = KEY_NAMES.map((key) => ({ key, found: sharingOf(folds, key) }));
  const there = (key: Key) => rows.some((row) => KEYS[key](row) !== undefined);
  const whole = auditDataset({
    ...folds[0].dataset,
    rows: rows.map((row) => ({ ...row, split: "test" as const })),
  });
  return {
    name: folds[0].dataset.name,
    rows: rows.length,
    folds: audits,
    disjoint: shared.flatMap(({ key, found }) => there(key) && found.length === 0 ? [key] : []),
    findings: [
      ...lacking(audits, folds[0].dataset),
      ...shared.flatMap(({ found }) => found),
      ...partFindings(whole, "test").map((line) => line[0].toUpperCase() + line.slice(1)),
      ...contentFindings(whole),
      ...notesOf(folds, context),
    ],
  };
}

/** Formats the audit of folds as plain text: rows and speakers, test rows by label, then the findings. */
export function foldsAuditLines({ folds, disjoint, findings }: FoldsAudit): string[] {
  const labels = Object.keys(folds[0].labels), spoken = folds.some(({ speakers }) => speakers.test > 0);
  const table = (columns: readonly string[], rows: readonly (readonly (string | number)[])[]) => {
    const widths = columns.map((name, i) => Math.max(name.length, ...rows.map((row) => `${row[i]}`.length)));
    const line = (cells: readonly (string | number)[]) =>
      cells.map((cell, i) => i < 2 ? `${cell}`.padEnd(widths[i]) : `${cell}`.padStart(widths[i])).join("  ");
    return [columns, ...rows].map(line);
  };
  const counts = (by: Record<Split, number>) => SPLITS.map((split) => by[split]);
  return [
    ...table(
      ["fold", "tests", ...SPLITS, ...spoken ? SPLITS.map((split) => `${split} speakers`) : []],
      folds.map(({ number, name, rows, speakers }) => [
        ...[number, name, ...counts(rows)],
        ...spoken ? counts(speakers) : [],
      ]),
    ),
    "",
    "Test rows by label:",
    ...table(
      ["fold", "tests", ...labels],
      folds.map((fold) => [fold.number, fold.name, ...labels.map((label) => fold.labels[label].test)]),
    ),
    "",
    disjoint.length > 0
      ? `In each fold, train, dev and test share none of their ${listed(disjoint)}.`
      : "In no respect are train, dev and test of every fold disjoint.",
    ...findings,
  ];
}

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

/** Counts the distinct values of each split. */
function distinct({ rows }: Dataset, of: (row: Utterance) => string | undefined): Record<Split, number> {
  const counts = SPLITS.map((split) => {
    const values = rows.flatMap((row) => row.split === split ? of(row) ?? [] : []);
    return [split, new Set(values).size];
  });
  return Object.fromEntries(counts) as Record<Split, number>;
}

/** Says which two splits share values of a key, in which folds, and how many rows of the later one. */
function sharingOf(folds: readonly Fold[], key: Key): string[] {
  return PAIRS.flatMap(([a, b]) => {
    const counts = folds.map(({ dataset: { rows } }) => {
      const of = (split: Split) => rows.flatMap((row) => row.split === split ? KEYS[key](row) ?? [] : []);
      const earlier = new Set(of(a));
      return of(b).filter((value) => earlier.has(value)).length;
    });
    const some = counts.filter((count) => count > 0), least = Math.min(...some), most = Math.max(...some);
    if (some.length === 0) return [];
    const range = least === most ? `${least}` : `${least} to ${most}`;
    return [`${a} and ${b} share ${key} in ${some.length} of ${folds.length} folds: ${range} rows of ${b}.`];
  });
}

/** Says which labels a split of a fold lacks, and what follows for the scores. */
function lacking(folds: readonly FoldAudit[], { target }: Dataset): string[] {
  const found = Object.keys(folds[0].labels).flatMap((label) =>
    SPLITS.flatMap((split) => {
      const numbers = folds.filter(({ rows, labels }) => rows[split] > 0 && labels[label][split] === 0)
        .map(({ number }) => String(number));
      if (numbers.length === 0) return [];
      const of = numbers.length === folds.length
        ? "of any fold"
        : `of fold${numbers.length > 1 ? "s" : ""} ${listed(numbers)}`;
      return [`'${label}' has no row in the ${split} split ${of}.`];
    })
  );
  if (found.length === 0 || target !== "class") return found;
  return [
    ...found,
    "The macro F1 of such a fold counts as 0 a class that the split lacks, and one that train lacks unless " +
    "it is predicted by luck; its balanced accuracy leaves a class out that it does not test.",
  ];
}

/** Returns the notes of the folds: those of all folds once, the others with the number of their fold. */
function notesOf(folds: readonly Fold[], context?: ContextOptions): string[] {
  const all = folds.map(({ number, dataset: { rows, labels, target, notes } }) => {
    const covered = target === "values" ? [] : coverageNotes(rows, labels, target); // `lacking` says these
    const own = notes.filter((note) => !/^Protocol .*, fold \d+ of /.test(note) && !covered.includes(note));
    return { number, notes: [...own, ...contextNotes(rows, context)] };
  });
  const names = new Map<string, number[]>();
  for (const { number, notes } of all) {
    for (const note of new Set(notes)) names.set(note, [...names.get(note) ?? [], number]);
  }
  return [...names].map(([note, numbers]) =>
    numbers.length === folds.length
      ? note
      : `Fold${numbers.length > 1 ? "s" : ""} ${listed(numbers.map(String))}: ${note}`
  );
}

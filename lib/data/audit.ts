/** Audits a data set, to show how far to trust a number measured on it. */
import { normaliseText } from "./text.ts";
import { rangeLines, type ValueRange, valueRanges } from "./value_ranges.ts";
import { type Dataset, rejectionCounts, type Split, SPLITS, type Utterance } from "./utterance.ts";

/** Values that two splits share. */
export interface Overlap {
  /** The two splits, the earlier one first. */
  splits: [Split, Split];
  /** Distinct values that both splits have. */
  values: number;
  /** Rows of the later split that have one of them. */
  rows: number;
}

/** The audit of a data set: counts, overlaps between splits, and gaps. */
export interface Audit {
  /** Name of the data set. */
  name: string;
  /** Rows per split. */
  rows: Record<Split, number>;
  /**
   * Rows per label and split, in class order. Unlabelled rows are not counted. Of a distribution, rows with a
   * vote for the class; of continuous values, rows with the dimension.
   */
  labels: Record<string, Record<Split, number>>;
  /** The range of each dimension by split, of continuous values alone. */
  values?: Record<string, Partial<Record<Split, ValueRange>>>;
  /** Rows without text, per split. */
  emptyText: Record<Split, number>;
  /** Per split: rows with a clip, distinct clips, and rows of the clip that most rows share. */
  clips: Record<Split, { rows: number; distinct: number; most: number }>;
  /**
   * Normalised texts (letters and digits in lower case), speakers and clips that are in more than one split.
   */
  overlaps: Record<"text" | "speaker" | "audio", Overlap[]>;
  /** Normalised texts with several labels, and the rows with such a text. */
  ambiguous: { texts: number; rows: number };
  /** Dialogues with missing turns, and the number of missing turns. */
  gaps: { dialogues: number; turns: number };
  /** Rows left out, counted per kind of fault. */
  rejected: string[];
  /** The data set's own notes. */
  notes: readonly string[];
}

const KEYS: Record<keyof Audit["overlaps"], (row: Utterance) => string | undefined> = {
  text: (row) => normaliseText(row.text ?? "") || undefined,
  speaker: (row) => row.speaker,
  audio: (row) => row.audio,
};

/**
 * Audits a data set: counts, overlaps between splits, and oddities.
 *
 * @example
 * ```ts
 * import { auditDataset, loadDataset } from "@undertone/undertone";
 *
 * const { rows, overlaps } = auditDataset(await loadDataset("sample"));
 * console.log(rows.train, overlaps.speaker); // [] where no speaker is in two splits
 * ```
 */
export function auditDataset(dataset: Dataset): Audit {
  const { rows } = dataset, values = valueRanges(dataset);
  const counts = ({ label, target }: Utterance, name: string) =>
    target ? dataset.target === "values" ? name in target : target[name] > 0 : label === name;
  const perSplit = <T>(of: (rows: Utterance[]) => T) =>
    Object.fromEntries(
      SPLITS.map((split) => [split, of(rows.filter((row) => row.split === split))]),
    ) as Record<Split, T>;
  return {
    name: dataset.name,
    rows: perSplit((part) => part.length),
    labels: Object.fromEntries(
      dataset.labels.map((
        label,
      ) => [label, perSplit((part) => part.filter((row) => counts(row, label)).length)]),
    ),
    ...values && { values },
    emptyText: perSplit((part) => part.filter((row) => row.text === undefined).length),
    clips: perSplit((part) => {
      const counts = countBy(part, KEYS.audio);
      return {
        rows: sum(counts.values()),
        distinct: counts.size,
        most: counts.values().reduce((a, b) => Math.max(a, b), 0),
      };
    }),
    overlaps: {
      text: overlaps(rows, KEYS.text),
      speaker: overlaps(rows, KEYS.speaker),
      audio: overlaps(rows, KEYS.audio),
    },
    ambiguous: ambiguousTexts(rows),
    gaps: gaps(rows),
    rejected: rejectionCounts(dataset.rejected),
    notes: dataset.notes,
  };
}

/** Formats an audit as plain text: a table of rows per label and split, then the findings. */
export function auditLines(audit: Audit): string[] {
  const width = Math.max(5, ...Object.keys(audit.labels).map((label) => label.length));
  const line = (name: string, cells: readonly (string | number)[]) =>
    name.padEnd(width) + cells.map((cell) => `${cell}`.padStart(8)).join("");
  const values = (counts: Record<Split, number>) => SPLITS.map((split) => counts[split]);
  const lines = [
    line("label", SPLITS),
    ...Object.entries(audit.labels).map(([label, counts]) => line(label, values(counts))),
    line("rows", values(audit.rows)),
    line("clips", SPLITS.map((split) => audit.clips[split].distinct)),
  ];
  return [...lines, "", ...auditFindings(audit)];
}

/**
 * Returns one sentence per oddity of a data set: shared texts and clips, ambiguous labels, gaps, rows left
 * out.
 *
 * @example
 * ```ts
 * import { auditDataset, auditFindings, loadDataset } from "@undertone/undertone";
 *
 * console.log(auditFindings(auditDataset(await loadDataset("sample"))).join("\n"));
 * ```
 */
export function auditFindings(audit: Audit): string[] {
  const lines: string[] = [];
  const names = { text: "texts", speaker: "speakers", audio: "clips" };
  for (const key of ["text", "speaker", "audio"] as const) {
    for (const { splits: [a, b], values, rows } of audit.overlaps[key]) {
      const share = (100 * rows / audit.rows[b]).toFixed(1);
      lines.push(`${a} and ${b} share ${values} ${names[key]}: ${rows} rows of ${b} (${share} %).`);
    }
  }
  for (const split of SPLITS) lines.push(...partFindings(audit, split).map((line) => `${split}: ${line}`));
  return [...rangeLines(audit.values), ...lines, ...contentFindings(audit), ...audit.notes];
}

/** Returns what there is to say of the clips and texts of one split. */
export function partFindings({ clips, emptyText }: Audit, split: Split): string[] {
  const { rows, distinct, most } = clips[split];
  return [
    ...distinct < rows
      ? [`${rows} rows share ${distinct} distinct clips, up to ${most} rows a clip: resample by clip.`]
      : [],
    ...emptyText[split] > 0 ? [`${emptyText[split]} rows have no text.`] : [],
  ];
}

/** Returns what there is to say whatever the splits are. */
export const contentFindings = ({ ambiguous, gaps, rejected }: Audit): string[] => [
  ...ambiguous.texts > 0
    ? [`${ambiguous.texts} texts have several labels; ${ambiguous.rows} rows carry one of them.`]
    : [],
  ...gaps.dialogues > 0 ? [`${gaps.turns} turns are missing within ${gaps.dialogues} dialogues.`] : [],
  ...rejected.length > 0 ? [`Left out: ${rejected.join(", ")}.`] : [],
];

function overlaps(rows: readonly Utterance[], key: (row: Utterance) => string | undefined): Overlap[] {
  const counts = SPLITS.map((split) => countBy(rows.filter((row) => row.split === split), key));
  const pairs = [[0, 1], [0, 2], [1, 2]].map(([a, b]): Overlap => {
    const shared = [...counts[b].keys()].filter((value) => counts[a].has(value));
    return {
      splits: [SPLITS[a], SPLITS[b]],
      values: shared.length,
      rows: sum(shared.map((value) => counts[b].get(value)!)),
    };
  });
  return pairs.filter(({ values }) => values > 0);
}

function ambiguousTexts(rows: readonly Utterance[]): { texts: number; rows: number } {
  const groups = Map.groupBy(rows.filter((row) => row.label && KEYS.text(row)), KEYS.text);
  const several = [...groups.values()].filter((group) => new Set(group.map(({ label }) => label)).size > 1);
  return { texts: several.length, rows: sum(several.map((group) => group.length)) };
}

/**
 * Counts the turns missing between the first turn of the data set (0 or 1) and the last of each dialogue.
 * Dialogues are counted per split.
 */
function gaps(rows: readonly Utterance[]): { dialogues: number; turns: number } {
  const numbered = rows.filter(({ dialogue, turn }) => dialogue !== undefined && turn !== undefined);
  const first = numbered.reduce((least, { turn }) => Math.min(least, turn!), 1);
  const dialogues = Map.groupBy(numbered, ({ split, dialogue }) => `${split}\u0000${dialogue}`);
  const missing = [...dialogues.values()].map((group) => {
    const turns = new Set(group.map(({ turn }) => turn!));
    return Math.max(...turns) - first + 1 - turns.size;
  });
  return { dialogues: missing.filter((count) => count > 0).length, turns: sum(missing) };
}

function countBy(
  rows: readonly Utterance[],
  key: (row: Utterance) => string | undefined,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const value = key(row);
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

/** Maps the labels of a source's rows: merges, renames and drops them before the rows are checked. */
import { badInput, count, few, nearest } from "../errors.ts";
import { NAMES as NAMES_OF, type TargetKind } from "../target.ts";
import { labelInSpace, labelsOfSpace } from "./label_spaces.ts";
import type { Candidate, CandidateSource } from "./sources/source.ts";

/** New names by names. `null` or an empty name drops a label. */
export type LabelMap = Readonly<Record<string, string | null>>;

/** How labels are mapped: by the name of a label space, or one by one. */
export type LabelMapping = string | LabelMap;

/** What is done to the labels of data when they are read. */
export interface LabelReading {
  /**
   * How labels are merged, renamed and dropped: `{ excited: "happy", other: null }`, or the name of a label
   * space. Default: they stay as they are.
   */
  labelMap?: LabelMapping;
  /** The only labels that are kept, in class order, after they are mapped. Default: all. */
  onlyLabels?: readonly string[];
}

/** Returns the label that stands for another one, or null if it is dropped. */
export type LabelReader = (label: string) => string | null;

/**
 * Returns what a mapping makes of each label. A map finds a label by its name, or else in any case, and
 * leaves others as they are. A label space has no place for labels that it does not know.
 */
export function labelReader({ labelMap = {}, onlyLabels }: LabelReading): LabelReader {
  const read = mapReader(labelMap);
  if (!onlyLabels) return read;
  return (label) => {
    const mapped = read(label);
    return mapped !== null && onlyLabels.includes(mapped) ? mapped : null;
  };
}

function mapReader(mapping: LabelMapping): LabelReader {
  if (typeof mapping === "string") return (label) => labelInSpace(mapping, label);
  const exact = new Map(Object.entries(mapping));
  const inAnyCase = new Map([...exact].map(([name, label]) => [name.toLowerCase(), label]));
  return (label) => {
    const lower = label.toLowerCase();
    const found = exact.has(label) ? exact.get(label) : inAnyCase.has(lower) ? inAnyCase.get(lower) : label;
    return found || null;
  };
}

/** Says what is done to labels: `the label space iemocap-4`, or `exc and hap as happy; without oth`. */
export function mappingWords({ labelMap, onlyLabels }: LabelReading): string {
  const only = onlyLabels ? [`only ${onlyLabels.join(", ")}`] : [];
  return [...labelMap === undefined ? [] : [mapWords(labelMap)], ...only].join("; ") || "no label changed";
}

function mapWords(mapping: LabelMapping): string {
  if (typeof mapping === "string") return `the label space ${mapping}`;
  const kept = Object.entries(mapping).filter(([, label]) => label);
  const dropped = Object.keys(mapping).filter((name) => !mapping[name]);
  const parts = [...Map.groupBy(kept, ([, label]) => label!)]
    .map(([label, from]) => `${from.map(([name]) => name).join(" and ")} as ${label}`);
  return [...parts, ...dropped.length > 0 ? [`without ${dropped.join(", ")}`] : []].join("; ") ||
    "no label changed";
}

/**
 * Maps the labels of a source, with notes on what it merged, renamed and left out. Votes for merged labels
 * are added. A row that loses its label is left out, or keeps no label if rows need none. Throws
 * UndertoneError if the targets are continuous values, or if no label is left.
 */
export function mapLabelsOf(
  source: CandidateSource,
  reading: LabelReading,
  { labelled = true }: { labelled?: boolean } = {},
): CandidateSource {
  const { labelMap: mapping = {}, onlyLabels } = reading;
  const kind = source.target ?? "class", read = labelReader(reading);
  if (kind === "values") {
    if (!labelled) return source;
    throw badInput({
      expected: "labels to map",
      found: `continuous values (${source.labels?.join(", ")})`,
      at: source.path,
      todo: "Leave --labels out.",
    });
  }
  const counts = countsOf(source), known = [...new Set([...source.labels ?? [], ...counts.keys()])];
  const declared = source.labels ?? known, others = known.filter((label) => read(label) !== label);
  const found = orderOf(mapping, [...declared, ...others].flatMap((label) => read(label) ?? []));
  const only = onlyLabels &&
    [...new Set(onlyLabels)].filter((label) => kind === "class" || found.includes(label));
  const isOrdered = source.labels !== undefined || typeof mapping === "string";
  if (labelled && known.length > 0 && known.every((label) => read(label) === null)) {
    throw badInput({
      expected: `a label that is kept (${mappingWords(reading)})`,
      found: `none among ${few(known)}`,
      at: source.path,
      todo: typeof mapping === "string"
        ? `Write what each label means: --labels.map '{"${known[0]}": "<label>", …}'.`
        : `Keep one of the ${NAMES_OF[kind]} with --labels.`,
    });
  }
  const mapped = source.candidates.map((row) => mappedRow(row, read, kind));
  const kept = mapped.flatMap((row) => row ?? []);
  return {
    ...source,
    labels: only ?? (isOrdered ? found : undefined),
    candidates: labelled ? kept : mapped.map((row, i) => row ?? withoutTarget(source.candidates[i])),
    notes: [
      ...source.notes,
      ...mergedNotes(counts, read),
      ...droppedNotes(counts, read, reading, { kind, lost: mapped.length - kept.length, labelled }),
      ...labelled || known.length > 0
        ? [...unknownNotes(mapping, known), ...absentNotes(onlyLabels, known.map(mapReader(mapping)))]
        : [], // rows without labels lack nothing
    ],
  };
}

const withoutTarget = ({ label: _, target: __, ...row }: Candidate): Candidate => row;

/** Returns distinct labels: those of a label space in its order. */
function orderOf(mapping: LabelMapping, labels: readonly string[]): string[] {
  const distinct = new Set(labels);
  return typeof mapping === "string"
    ? labelsOfSpace(mapping)!.filter((label) => distinct.has(label))
    : [...distinct];
}

/** Counts the rows of each label, or those with a number above 0 for it. */
function countsOf({ candidates }: CandidateSource): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (label: string) => counts.set(label, (counts.get(label) ?? 0) + 1);
  for (const { label, target } of candidates) {
    if (label) add(label);
    for (const [name, cell] of Object.entries(target ?? {})) if (Number(cell) > 0) add(name);
  }
  return counts;
}

/** Returns a row with its mapped label or numbers, or undefined if it loses its label or all of its votes. */
function mappedRow(row: Candidate, read: LabelReader, kind: TargetKind): Candidate | undefined {
  const { label, target } = row;
  if (label) {
    const mapped = read(label);
    return mapped === null ? undefined : { ...row, label: mapped };
  }
  if (!target) return row;
  const cells = new Map<string, string>(), join = kind === "labels" ? either : sum;
  for (const [name, cell] of Object.entries(target)) {
    const mapped = read(name), other = cells.get(mapped ?? "");
    if (mapped !== null) cells.set(mapped, other === undefined ? cell : join(other, cell));
  }
  const lost = kind === "distribution" && hasVotes(Object.values(target)) && !hasVotes([...cells.values()]);
  return lost ? undefined : { ...row, target: Object.fromEntries(cells) };
}

const isNumber = (cell: string): boolean => cell.trim() !== "" && Number.isFinite(Number(cell));

/** Returns whether somebody voted. A cell that is no number is for the check of the row. */
const hasVotes = (cells: readonly string[]): boolean =>
  cells.some((cell) => Number(cell) !== 0 || !isNumber(cell));

/**
 * Adds the votes for two labels that are one now. A cell that is no number, or below 0, stays for the check.
 */
function sum(a: string, b: string): string {
  const odd = [a, b].find((cell) => !isNumber(cell) || Number(cell) < 0);
  return odd ?? String(Number(a) + Number(b));
}

/** Returns 1 if a row has one of two labels that are one now. A cell that is neither 0 nor 1 stays. */
function either(a: string, b: string): string {
  const odd = [a, b].find((cell) => !isNumber(cell) || ![0, 1].includes(Number(cell)));
  return odd ?? String(Math.max(Number(a), Number(b)));
}

const rows = (n: number) => count(n, "row");

/** Lists labels with their rows: `'exc' (12 rows), 'hap' (3)`. */
const listed = (labels: readonly string[], counts: ReadonlyMap<string, number>): string =>
  labels.map((label, i) => {
    const n = counts.get(label) ?? 0;
    return `'${label}' (${i === 0 ? rows(n) : n})`;
  }).join(", ");

/** Says which labels have another name now. */
function mergedNotes(counts: ReadonlyMap<string, number>, read: LabelReader): string[] {
  const renamed = [...counts.keys()].filter((label) => (read(label) ?? label) !== label);
  const parts = [...Map.groupBy(renamed, (label) => read(label)!)]
    .map(([label, from]) => `${listed(from, counts)} as '${label}'`);
  return parts.length === 0 ? [] : [`Labels are mapped: ${parts.join("; ")}.`];
}

/** Says which labels are left out, and what becomes of their rows. */
function droppedNotes(
  counts: ReadonlyMap<string, number>,
  read: LabelReader,
  { labelMap, onlyLabels }: LabelReading,
  { kind, lost, labelled }: { kind: TargetKind; lost: number; labelled: boolean },
): string[] {
  const dropped = [...counts.keys()].filter((label) => read(label) === null);
  if (dropped.length === 0) return [];
  const who = onlyLabels
    ? `Only ${onlyLabels.join(", ")} are kept, without`
    : typeof labelMap === "string"
    ? `${labelMap} has no place for`
    : "The label map drops";
  const gone = !labelled
    ? "such rows have no label"
    : kind === "class"
    ? `${rows(lost)} left out`
    : kind === "labels"
    ? "a row without another label has none"
    : `the other votes of a row are scaled to 1; ${rows(lost)} without other votes left out`;
  return [`${who} ${listed(dropped, counts)}: ${gone}.`];
}

/** Says which names of a map the data lack. */
function unknownNotes(mapping: LabelMapping, known: readonly string[]): string[] {
  if (typeof mapping === "string") return [];
  const there = new Set(known.map((label) => label.toLowerCase()));
  return Object.keys(mapping).filter((name) => !there.has(name.toLowerCase())).map((name) => {
    const meant = nearest(name, known);
    return `--labels.map names '${name}', which the data lack` +
      (meant === undefined ? ` (their labels: ${few(known)}).` : `. Did you mean '${meant}'?`);
  });
}

/** Says which of the labels to keep the data lack. */
const absentNotes = (onlyLabels: readonly string[] = [], found: readonly (string | null)[]): string[] => {
  const absent = onlyLabels.filter((label) => !found.includes(label));
  const names = found.flatMap((label) => label ?? []);
  const meant = absent.length === 1
    ? nearest(absent[0], names.filter((name) => !onlyLabels.includes(name)))
    : undefined;
  const hint = meant === undefined ? "" : ` Did you mean '${meant}'?`;
  return absent.length === 0
    ? []
    : [`The data have no label ${few(absent)}, which --labels.only keeps.${hint}`];
};

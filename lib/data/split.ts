/** Divides data without splits, so that no group of related rows is in two splits. */
import { badInput, count } from "../errors.ts";
import { random } from "../random.ts";
import type { TargetKind } from "../target.ts";
import type { UnsplitRow } from "./check.ts";
import { normaliseText } from "./text.ts";
import { type Split, SPLITS, type Utterance } from "./utterance.ts";

/**
 * Keys that relate rows. Rows with an equal value of any key belong to one group. Texts are compared after
 * normalisation.
 */
export type GroupKey = "speaker" | "dialogue" | "text" | "audio";

/** Target share of the rows for each split. */
export type Shares = Partial<Record<Split, number>>;

/** Sets of keys from strict to loose: from no shared speaker or dialogue to no shared clip. */
const TIES: readonly (readonly GroupKey[])[] = [
  ["speaker", "dialogue"],
  ["dialogue"],
  ["speaker"],
  ["text", "audio"],
  ["text"],
  ["audio"],
];

/** Minimum number of groups for a sensible division. */
const MIN_GROUPS = 5;

/**
 * Gives each row a split. If some row has none, all rows are divided: 80 % train, 10 % dev and 10 % test. If
 * there is train but no dev, 10 % of train becomes dev. Otherwise the splits stay. `notes` says what was
 * done. Throws UndertoneError if there are too few rows.
 */
export function divideRows(
  rows: readonly UnsplitRow[],
  { target, seed, at }: { target?: TargetKind; seed: number; at: string },
): { rows: Utterance[]; notes: string[] } {
  const has = (split: Split | undefined) => rows.some((row) => row.split === split);
  if (!has(undefined) && (has("dev") || !has("train"))) return { rows: rows as Utterance[], notes: [] };
  const whole = has(undefined);
  const part = whole ? rows : rows.filter((row) => row.split === "train");
  const keys = groupKeys(part);
  if (keys === undefined) {
    throw badInput({
      expected: whole ? "a column 'split'" : "rows of the split 'dev'",
      found: `none, and too few rows to divide automatically (${part.length})`,
      at,
      todo: "Give each row its split (train, dev or test), or add rows.",
    });
  }
  const shares: Shares = whole ? { train: 0.8, dev: 0.1, test: 0.1 } : { train: 0.9, dev: 0.1 };
  const splits = splitByGroups(part, shares, { keys, seed, target });
  const given = new Map(part.map((row, i) => [row, splits[i]]));
  const divided = rows.map((row) => ({ ...row, split: given.get(row) ?? row.split! }));
  const counts = SPLITS.map((name) => `${name} ${divided.filter((row) => row.split === name).length}`);
  const what = whole
    ? "has no splits. Its rows were divided"
    : "has no rows of the split 'dev'. Part of train was moved to dev";
  const achieved = sharesByLabel(
    divided.filter((_, i) => given.has(rows[i])),
    Object.keys(shares) as Split[],
  );
  return {
    rows: divided,
    notes: [
      `${at} ${what} by ${keys.join(" and ")} with seed ${seed}: ${counts.join(", ")}.`,
      ...achieved,
      ...speakerNotes(divided, keys),
    ],
  };
}

/** Says how many speakers are in several splits because the division does not keep them together. */
function speakerNotes(rows: readonly Utterance[], keys: readonly GroupKey[]): string[] {
  if (keys.includes("speaker")) return [];
  const own = Map.groupBy(rows.filter(({ speaker }) => speaker), ({ speaker }) => speaker);
  const shared = [...own.values()].filter((of) => new Set(of.map(({ split }) => split)).size > 1).length;
  if (shared === 0) return [];
  return [
    `${shared} of ${
      count(own.size, "speaker")
    } are in several splits, so results say little about new voices. ` +
    "--protocol loso keeps speakers apart.",
  ];
}

/** Labels whose shares a note gives; the others are counted. */
const MOST_LABELS = 12;

/** Returns a note on the share of each label's rows that each split has, the most frequent labels first. */
function sharesByLabel(rows: readonly Utterance[], splits: readonly Split[]): string[] {
  const labels = [...Map.groupBy(rows.filter(({ label }) => label), ({ label }) => label!)]
    .sort(([, a], [, b]) => b.length - a.length);
  if (labels.length === 0) return [];
  const shown = labels.slice(0, MOST_LABELS).map(([label, own]) => {
    const shares = splits.map((split) => 100 * own.filter((row) => row.split === split).length / own.length);
    return `'${label}' ${shares.map((share) => share.toFixed(0)).join("/")}`;
  });
  const more = labels.length > MOST_LABELS ? ` and ${labels.length - MOST_LABELS} more labels` : "";
  return [`Shares of ${splits.join("/")} in percent by label: ${shown.join(", ")}${more}.`];
}

/**
 * Returns the strictest keys that still leave enough groups to divide. Adds the clip if the other keys would
 * separate rows that share one. Returns undefined if no keys leave enough groups.
 */
export function groupKeys(rows: readonly UnsplitRow[]): readonly GroupKey[] | undefined {
  const divisible = (keys: readonly GroupKey[]) => {
    const sizes = [...members(rows, keys).values()].map((group) => group.length);
    return sizes.length >= MIN_GROUPS && sizes.every((size) => size <= rows.length / 2);
  };
  const keys = TIES.find((keys) => {
    const complete = keys.every((key) => rows.every((row) => row[key] !== undefined));
    return (complete || !(keys.includes("speaker") || keys.includes("dialogue"))) && divisible(keys);
  });
  if (keys === undefined || keys.includes("audio")) return keys;
  const withClips = [...keys, "audio"] as const;
  const parted = members(rows, withClips).size < members(rows, keys).size;
  return parted && divisible(withClips) ? withClips : keys;
}

/**
 * Returns the group of each row, as the index of the group's first row. A row without any of the keys is its
 * own group.
 */
export function groupsOf(rows: readonly UnsplitRow[], keys: readonly GroupKey[]): number[] {
  const parent = rows.map((_, row) => row);
  const find = (row: number): number => {
    while (parent[row] !== row) row = parent[row] = parent[parent[row]];
    return row;
  };
  for (const key of keys) {
    const first = new Map<string, number>();
    rows.forEach((row, i) => {
      const value = key === "text" ? normaliseText(row.text ?? "") : row[key];
      if (!value) return;
      const [a, b] = [find(first.get(value) ?? i), find(i)];
      first.set(value, Math.min(a, b));
      parent[Math.max(a, b)] = Math.min(a, b);
    });
  }
  return rows.map((_, row) => find(row));
}

/**
 * Returns the split of each row, the same for any order of the rows. Whole groups are assigned greedily,
 * large ones first and equal ones in an order that the seed decides. Each goes to the split where it brings
 * the shares of all labels closest to `shares`; of continuous values, the shares of the rows. Needs at least
 * as many groups as splits, and distinct ids.
 */
export function splitByGroups(
  rows: readonly UnsplitRow[],
  shares: Shares,
  { keys, seed, target = "class" }: { keys: readonly GroupKey[]; seed: number; target?: TargetKind },
): Split[] {
  const splits = SPLITS.filter((split) => shares[split] !== undefined);
  const parts = partByGroups(rows, splits.map((split) => shares[split]!), { keys, seed, target });
  return parts.map((part) => splits[part]);
}

/**
 * Does the same for any number of parts with these shares of the rows, and returns the part of each row. With
 * `loosely`, groups whose sizes differ by less than half count as equal, so that the seed decides more.
 */
export function partByGroups(
  rows: readonly UnsplitRow[],
  shares: readonly number[],
  { keys, seed, target = "class", loosely = false }: {
    keys: readonly GroupKey[];
    seed: number;
    target?: TargetKind;
    loosely?: boolean;
  },
): number[] {
  const size = ({ length }: readonly number[]) => loosely ? Math.round(Math.log2(length)) : length;
  const parts = [...shares.keys()];
  const strata = rows.map(STRATA[target]);
  const labels = [...new Set(strata.flatMap((stratum) => [...stratum.keys()]))].sort();
  const totals = countStrata(rows.keys(), strata, labels);
  const filled = parts.map(() => labels.map(() => 0));
  const result: number[] = new Array(rows.length);
  const groups = [...members(rows, keys).values()].map((group) => ({ group, name: firstId(group, rows) }));
  groups.sort((a, b) => a.name < b.name ? -1 : 1); // so that the order of the rows does not matter
  const queue = random(seed).shuffle(groups.map(({ group }) => group)).sort((a, b) => size(b) - size(a));
  queue.forEach((group, done) => {
    const counts = countStrata(group, strata, labels);
    const empty = parts.filter((part) => filled[part].every((count) => count === 0));
    const choices = queue.length - done <= empty.length ? empty : parts;
    const cost = (part: number) =>
      filled[part].reduce((sum, count, label) => {
        const distance = (extra: number) => ((count + extra) / totals[label] - shares[part]) ** 2;
        return sum + distance(counts[label]) - distance(0);
      }, 0);
    const chosen = choices.reduce((best, part) => cost(part) < cost(best) ? part : best);
    counts.forEach((count, label) => filled[chosen][label] += count);
    for (const row of group) result[row] = chosen;
  });
  return result;
}

/** Returns the number of groups, and the number of rows of the largest. */
export function groupSizes(
  rows: readonly UnsplitRow[],
  keys: readonly GroupKey[],
): { groups: number; largest: number } {
  const sizes = [...members(rows, keys).values()].map(({ length }) => length);
  return { groups: sizes.length, largest: sizes.reduce((a, b) => Math.max(a, b), 0) };
}

/** Returns the rows of each group. */
function members(rows: readonly UnsplitRow[], keys: readonly GroupKey[]): Map<number, number[]> {
  const groups = groupsOf(rows, keys);
  return Map.groupBy(rows.keys(), (row) => groups[row]);
}

/** Returns the least id of a group's rows. */
const firstId = (group: readonly number[], rows: readonly UnsplitRow[]): string =>
  group.reduce((least, row) => rows[row].id < least ? rows[row].id : least, rows[group[0]].id);

/** What a row adds to the counts whose shares are kept alike in all splits. */
const STRATA: Record<TargetKind, (row: UnsplitRow) => ReadonlyMap<string, number>> = {
  class: ({ label = "" }) => new Map([[label, 1]]),
  distribution: ({ target = {} }) => positive(target),
  labels: ({ target = {} }) => positive(target),
  values: () => new Map([["", 1]]),
};

/** Returns the positive numbers of a target, or one row without a label. */
function positive(target: Readonly<Record<string, number>>): Map<string, number> {
  const numbers = Object.entries(target).filter(([, number]) => number > 0);
  return new Map(numbers.length > 0 ? numbers : [["", 1]]);
}

function countStrata(
  group: Iterable<number>,
  strata: readonly ReadonlyMap<string, number>[],
  labels: readonly string[],
): number[] {
  const counts = labels.map(() => 0);
  for (const row of group) {
    for (const [label, count] of strata[row]) counts[labels.indexOf(label)] += count;
  }
  return counts;
}

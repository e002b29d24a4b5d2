/** Scores of a split by group: by columns of the data, by length of the utterance, and by turn. */
import type { Dataset, Utterance } from "../data/mod.ts";
import { badInput, requireKnown } from "../errors.ts";
import { type GroupScores, scoresByGroup } from "../eval/mod.ts";
import { csvText } from "../files/mod.ts";
import type { Durations } from "./durations.ts";
import { outcomesOf, type ScoredRow } from "./scored.ts";
import { unitsOf } from "./units.ts";

/** What rows can be grouped by. */
export const GROUP_KEYS = [
  "speaker",
  "gender",
  "age",
  "corpus",
  "session",
  "words",
  "seconds",
  "turn",
] as const;

/** What rows can be grouped by: a column, or a measure in ranges. */
export type GroupKeyName = typeof GROUP_KEYS[number];

/** Upper ends of ranges, without the last one, which is open. */
const ENDS = { words: [3, 7, 12, 20], turn: [0, 2, 5, 10], seconds: [1, 2, 4, 8] };

const words = new Intl.Segmenter(undefined, { granularity: "word" });

/** Returns the group of a row, or undefined if it has none. */
function groupOf(key: GroupKeyName, row: Utterance, seconds?: Durations): string | undefined {
  switch (key) {
    case "words":
      return row.text === undefined
        ? undefined
        : whole([...words.segment(row.text)].filter(({ isWordLike }) => isWordLike).length, ENDS.words);
    case "turn":
      return row.turn === undefined ? undefined : whole(row.turn, ENDS.turn);
    case "seconds": {
      const length = seconds?.get(row.id), end = ENDS.seconds.findIndex((end) => length! < end);
      if (length === undefined) return undefined;
      return end < 0 ? "8 or more" : `${end === 0 ? 0 : ENDS.seconds[end - 1]} to ${ENDS.seconds[end]}`;
    }
    case "age": {
      const age = Number(row.age);
      if (!row.age || !Number.isFinite(age)) return row.age;
      const decade = 10 * Math.floor(age / 10);
      return `${decade} to ${decade + 9}`;
    }
    default:
      return row[key];
  }
}

/** Returns the range of a whole number: `4 to 7`. */
function whole(value: number, ends: readonly number[]): string {
  const at = ends.findIndex((end) => value <= end), from = at === 0 ? Math.min(0, value) : ends[at - 1] + 1;
  if (at < 0) return `${ends.at(-1)! + 1} or more`;
  return from === ends[at] ? `${from}` : `${from} to ${ends[at]}`;
}

const order = new Intl.Collator("en", { numeric: true }).compare;

/**
 * Returns the scores by each key. `all` stands for the keys that the rows have. Rows without a value are in
 * the group `(none)`. Throws UndertoneError for an unknown key, or one that no row has.
 */
export function groupScores(
  keys: readonly string[],
  rows: readonly ScoredRow[],
  dataset: Dataset,
  seconds?: Durations,
): GroupScores[] {
  const byId = new Map(dataset.rows.map((row) => [row.id, row]));
  const utterances = rows.map(({ id }) => byId.get(id)!);
  const isAll = keys.includes("all");
  const wanted = isAll
    ? GROUP_KEYS
    : keys.map((key) => requireKnown("what rows can be grouped by", key, GROUP_KEYS, "--by"));
  const outcomes = outcomesOf(rows, dataset);
  return wanted.flatMap((key) => {
    const groups = utterances.map((row) => groupOf(key, row, seconds));
    if (groups.every((group) => group === undefined)) {
      if (isAll) return [];
      throw badInput({
        expected: `rows with '${key}' to group by`,
        found: "none",
        at: dataset.source,
        todo: `Add the column, name it with --columns.${key}=<name>, or choose others for --by.`,
      });
    }
    const units = unitsOf(key === "speaker" ? utterances.map(withoutSpeaker) : utterances);
    const ids = rows.map(({ id }) => id), named = groups.map((group) => group ?? "(none)");
    return scoresByGroup(key, { outcomes, ids, groups: named, units, order });
  });
}

/** Within a speaker, utterances are the units. */
const withoutSpeaker = ({ speaker: _, dialogue: __, ...row }: Utterance): Utterance => row;

/** Returns a CSV with a row for each key, group and metric. */
export const groupsCsv = (scores: readonly GroupScores[]): string =>
  csvText([
    ["by", "group", "rows", "unit", "units", "metric", "value", "low", "high"],
    ...scores.flatMap(({ key, by, groups }) =>
      groups.flatMap(({ group, n, clusters, metrics }) =>
        Object.entries(metrics).map(([metric, { value, interval_95 }]) => [
          key,
          group,
          n,
          by,
          clusters,
          metric,
          value ?? undefined,
          ...interval_95 ?? [undefined, undefined],
        ])
      )
    ),
  ]);

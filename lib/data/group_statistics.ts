/**
 * Mean and deviation of each dimension within a row's own group, e.g. over all rows of its speaker.
 *
 * With the mean `m` and the deviation `s` over all states of the group's rows, padding excluded, a state `x`
 * becomes `(x - m) / max(s, 0.1 t)`, where `t` is the deviation over the train split. A causal group of `n`
 * earlier rows has the moments of a mixture of these rows, of weight `w = n / (n + 4)`, and of the train
 * split, of weight `1 - w`: mean `w m + (1 - w) u` and variance `w s² + (1 - w) t² + w (1 - w) (m - u)²`,
 * where `u` is the mean over the train split.
 */
import type { ByGroup } from "./normalize.ts";
import { type Sequence, valuesReader } from "./sequence.ts";
import { fitStandardizer, type Standardizer } from "./standardize.ts";
import type { Utterance } from "./utterance.ts";

/** A group's deviation is at least this share of the deviation over the train split. */
const FLOOR = 0.1;
/** Fewer rows do not describe a group. */
export const FEWEST = 4;
/** Rows of the train split that a causal group starts with. */
const PRIOR_ROWS = 4;

/** Rows with the hidden states of one modality; a row without them has undefined. */
export interface RowStates {
  rows: readonly Utterance[];
  states: readonly (Sequence | undefined)[];
}

/** The statistics of each row's group; undefined where those of the train split have to do. */
export type Scalings = (Standardizer | undefined)[];

/**
 * Returns the statistics of each row's group in its own split, from `train`, those of the train split. No
 * result depends on the order of rows, except that causal statistics follow the turns of a dialogue, or the
 * order of rows that have no turns. In the train split, every row of a group is its enrolment.
 */
export function groupScalings(given: RowStates, by: ByGroup, train: Standardizer): Scalings {
  if (by.variant === "causal") return causal(given, by, train);
  const enrolled = enrolmentOf(given.rows, by);
  const known = statistics(
    {
      rows: given.rows,
      states: given.states.map((sequence, i) =>
        by.variant === "enrolled" && given.rows[i].split !== "train" && !enrolled.has(given.rows[i])
          ? undefined
          : sequence
      ),
    },
    (row) => keyOf(row, by),
    Math.min(FEWEST, by.rows ?? FEWEST),
    train,
  );
  return given.rows.map((row) => known.get(keyOf(row, by) ?? ""));
}

/**
 * Returns the statistics of each row's group from rows that are given beforehand, in whatever split. Rows
 * without a group belong together: enrolled clips without a speaker are of the person who speaks. If only one
 * side names corpora, the group's name counts alone, except one that stands in several corpora.
 */
export function enrolledScalings(
  rows: readonly Utterance[],
  enrolment: RowStates,
  by: ByGroup,
  train: Standardizer,
): Scalings {
  const isAlone = by.by !== "corpus" && isCorpusOneSided(rows, enrolment.rows);
  const nameOf = (row: Utterance) =>
    keyOf({ ...row, split: "test", ...isAlone && { corpus: undefined } }, by) ?? "";
  const placed = isAlone ? [...rows, ...enrolment.rows].filter(({ corpus }) => corpus !== undefined) : [];
  const several = new Set(
    [...Map.groupBy(placed, nameOf)].filter(([name, [first, ...others]]) =>
      name !== "" && others.some(({ corpus }) => corpus !== first.corpus)
    ).map(([name]) => name),
  );
  const key = (row: Utterance) => {
    const name = nameOf(row);
    return several.has(name) ? undefined : name;
  };
  const known = statistics(enrolment, key, 1, train);
  return rows.map((row) => known.get(nameOf(row)));
}

/**
 * Returns the rows of an enrolment whose statistics some rows may take: those that name the same group, in
 * whatever corpus.
 */
export function enrolledFor(
  rows: readonly Utterance[],
  enrolment: readonly Utterance[],
  { by }: ByGroup,
): Utterance[] {
  const names = new Set(rows.map((row) => row[by] ?? ""));
  return enrolment.filter((row) => names.has(row[by] ?? ""));
}

/** Returns whether rows name corpora while their enrolment names none, or the other way round. */
export function isCorpusOneSided(rows: readonly Utterance[], enrolment: readonly Utterance[]): boolean {
  const names = (some: readonly Utterance[]) => some.some(({ corpus }) => corpus !== undefined);
  return rows.length > 0 && enrolment.length > 0 && names(rows) !== names(enrolment);
}

/**
 * Returns the rows that are the enrolment of their group outside the train split: the first by dialogue, turn
 * and id. A group without further rows has none.
 */
export function enrolmentOf(rows: readonly Utterance[], by: ByGroup): Set<Utterance> {
  const enrolled = new Set<Utterance>();
  if (by.variant !== "enrolled") return enrolled;
  const groups = Map.groupBy(rows.filter(({ split }) => split !== "train"), (row) => keyOf(row, by));
  for (const [key, group] of groups) {
    if (key === undefined || group.length <= by.rows!) continue;
    for (const row of group.toSorted(inOrder).slice(0, by.rows)) enrolled.add(row);
  }
  return enrolled;
}

/**
 * Returns the name of a row's group; undefined if it has none. Groups of two splits or corpora are different.
 * Rows that name no corpus are one corpus.
 */
function keyOf(row: Utterance, { by }: ByGroup): string | undefined {
  const { split, corpus = "" } = row, name = by === "corpus" ? corpus : row[by];
  return name === undefined ? undefined : JSON.stringify([split, corpus, name]);
}

/** Fits the statistics of every group that has enough rows with states. Sums run in the order of ids. */
function statistics(
  { rows, states }: RowStates,
  key: (row: Utterance) => string | undefined,
  fewest: number,
  train: Standardizer,
): Map<string, Standardizer> {
  const order = rows.map((_, i) => i).filter((i) => states[i]?.length)
    .sort((a, b) => compare(rows[a].id, rows[b].id));
  const known = new Map<string, Standardizer>();
  for (const [name, group] of Map.groupBy(order, (i) => key(rows[i]))) {
    if (name === undefined || group.length < fewest) continue;
    const { mean, std } = fitStandardizer(new Set(group.map((i) => states[i]!)));
    known.set(name, { mean, std: std.map((value, i) => Math.max(value, FLOOR * train.std[i])) });
  }
  return known;
}

/**
 * Returns running statistics: each row has those of the earlier turns of its group in its dialogue, or of the
 * earlier rows of its group if a row has no turn.
 */
function causal({ rows, states }: RowStates, by: ByGroup, train: Standardizer): Scalings {
  const scalings: Scalings = rows.map(() => undefined);
  const streams = Map.groupBy(rows.keys(), (i) => {
    const key = keyOf(rows[i], by), { dialogue, turn } = rows[i];
    return key && JSON.stringify([key, turn === undefined ? null : dialogue ?? null]);
  });
  for (const [key, stream] of streams) {
    if (key === undefined) continue;
    const placeOf = (i: number) => rows[i].dialogue === undefined ? i : rows[i].turn ?? i;
    const places = Map.groupBy(stream, placeOf), running = runningMoments(train);
    for (const [, turn] of [...places].sort(([a], [b]) => a - b)) {
      const before = running.scaling();
      for (const i of turn) scalings[i] = before;
      for (const i of turn.toSorted((a, b) => compare(rows[a].id, rows[b].id))) running.add(states[i]);
    }
  }
  return scalings;
}

/** Counts rows and sums their states, as differences from the mean over the train split, in float64. */
function runningMoments({ mean, std }: Standardizer) {
  const sum = new Float64Array(mean.length), squares = new Float64Array(mean.length);
  const seen = new Set<Sequence>(), valuesOf = valuesReader();
  let states = 0;
  return {
    add(sequence?: Sequence): void {
      if (!sequence?.length || seen.has(sequence)) return;
      seen.add(sequence);
      const { length } = sequence, data = valuesOf(sequence);
      states += length;
      for (let at = 0; at < length * mean.length; at++) {
        const i = at % mean.length, value = data[at] - mean[i];
        sum[i] += value;
        squares[i] += value * value;
      }
    },
    scaling(): Standardizer | undefined {
      if (states === 0) return undefined;
      const w = seen.size / (seen.size + PRIOR_ROWS);
      return {
        mean: mean.map((trained, i) => trained + w * sum[i] / states),
        std: std.map((trained, i) => {
          const moved = sum[i] / states, spread = Math.max(0, squares[i] / states - moved ** 2);
          const variance = w * spread + (1 - w) * trained ** 2 + w * (1 - w) * moved ** 2;
          return Math.max(Math.sqrt(variance), FLOOR * trained);
        }),
      };
    },
  };
}

const compare = (a: string, b: string): number => a < b ? -1 : Number(a > b);

/** Orders rows by dialogue and turn if they have them, then by id. */
const inOrder = (a: Utterance, b: Utterance): number =>
  compare(a.dialogue ?? "", b.dialogue ?? "") || (a.turn ?? 0) - (b.turn ?? 0) || compare(a.id, b.id);

import { random } from "../random.ts";
import { deepEqual, equal, notDeepEqual, ok } from "../testing/assert.ts";
import {
  enrolledScalings,
  enrolmentOf,
  groupScalings,
  type RowStates,
  type Scalings,
} from "./group_statistics.ts";
import type { ByGroup } from "./normalize.ts";
import { fitStandardizer } from "./standardize.ts";
import type { Utterance } from "./utterance.ts";

const sequence = (...values: number[]) => ({
  data: Float32Array.from(values),
  length: values.length,
  width: 1,
});
const train = { mean: Float32Array.of(10), std: Float32Array.of(2) };
const by = (variant: ByGroup["variant"], rows?: number, group: ByGroup["by"] = "speaker"): ByGroup => ({
  by: group,
  variant,
  ...rows !== undefined && { rows },
});
const rowsOf = (...given: (Partial<Utterance> & { x: number[] })[]): RowStates => ({
  rows: given.map(({ x: _, ...row }, i) => ({ id: `r${i}`, split: "test", ...row })),
  states: given.map(({ x }) => sequence(...x)),
});
const numbers = (scalings: Scalings) =>
  scalings.map((scaling) => scaling && [scaling.mean[0], Number(scaling.std[0].toFixed(5))]);

Deno.test("statistics run over all states of a speaker's rows, and few rows or no speaker have none", () => {
  const a = [[1, 3], [5], [7], [9]].map((x) => ({ speaker: "a", x })); // mean 5, variance 40 / 5
  const c = [[4], [4], [4], [4]].map((x) => ({ speaker: "c", x })); // constant: a tenth of the train split's
  const given = rowsOf(...a, ...[0, 1, 2].map((x) => ({ speaker: "b", x: [x] })), { x: [1] }, ...c);
  const own = [5, Number(Math.sqrt(8).toFixed(5))];
  const floor = [4, 1]; // a constant has deviation 1, which is above the floor
  deepEqual(numbers(groupScalings(given, by("transductive"), train)), [
    ...[own, own, own, own],
    ...[undefined, undefined, undefined, undefined],
    ...[floor, floor, floor, floor],
  ]);
  const near = rowsOf(...[4, 4.1, 4, 4.1].map((x) => ({ speaker: "c", x: [x] }))); // deviation 0.05
  equal(numbers(groupScalings(near, by("transductive"), train))[0]![1], 0.2);
});

Deno.test("one name in two splits or corpora is two speakers; rows without a corpus are one", () => {
  const x = [1, 2, 3, 4].map((x) => [x]), y = [5, 6, 7, 8].map((x) => [x]);
  for (const other of [{ split: "dev" as const }, { corpus: "other" }]) {
    const given = rowsOf(
      ...x.map((x) => ({ speaker: "a", x })),
      ...y.map((x) => ({ speaker: "a", ...other, x })),
    );
    const means = groupScalings(given, by("transductive"), train).map((scaling) => scaling!.mean[0]);
    deepEqual(means, [2.5, 2.5, 2.5, 2.5, 6.5, 6.5, 6.5, 6.5]);
  }
  const corpus = groupScalings(
    rowsOf(...[...x, ...y].map((x) => ({ x }))),
    by("transductive", undefined, "corpus"),
    train,
  );
  deepEqual(corpus.map((scaling) => scaling!.mean[0]), Array(8).fill(4.5));
});

Deno.test("an enrolment is the first rows of a group outside train, by turn and then by id", () => {
  const given = rowsOf(
    ...[9, 1, 2, 3].map((x, i) => ({ speaker: "a", dialogue: "d", turn: 4 - i, x: [x] })),
    ...[1, 2].map((x) => ({ speaker: "b", x: [x] })), // no row would be left to score
    ...[1, 2, 3, 6].map((x) => ({ speaker: "t", split: "train" as const, x: [x] })),
  );
  deepEqual([...enrolmentOf(given.rows, by("enrolled", 2))].map(({ id }) => id), ["r3", "r2"]);
  deepEqual(numbers(groupScalings(given, by("enrolled", 2), train)).map((pair) => pair?.[0]), [
    ...[2.5, 2.5, 2.5, 2.5],
    ...[undefined, undefined],
    ...[3, 3, 3, 3],
  ]);
});

Deno.test("rows that are given beforehand count for their speaker, or for all rows without one", () => {
  const enrolment = rowsOf({ speaker: "a", x: [2, 4] }, { x: [6] }, { x: [8] });
  const { rows } = rowsOf({ speaker: "a", split: "dev", x: [0] }, { speaker: "b", x: [0] }, { x: [0] });
  deepEqual(numbers(enrolledScalings(rows, enrolment, by("enrolled", 8), train)), [[3, 1], undefined, [
    7,
    1,
  ]]);
});

Deno.test("an enrolment without a corpus counts by speaker alone, unless two corpora have them", () => {
  const x = [0], corpus = "c", other = "d";
  const means = (rows: RowStates, enrolment: RowStates) =>
    enrolledScalings(rows.rows, enrolment, by("enrolled", 8), train).map((scaling) => scaling?.mean[0]);
  const plain = rowsOf({ speaker: "a", x: [2, 4] }, { speaker: "b", x: [6] });
  deepEqual(means(rowsOf({ speaker: "a", corpus, x }, { speaker: "b", corpus: other, x }), plain), [3, 6]);
  deepEqual(
    means(rowsOf({ speaker: "a", corpus, x }, { speaker: "a", corpus: other, x }), plain),
    [undefined, undefined],
  );
  const named = rowsOf(
    ...[{ speaker: "a", corpus, x: [2, 4] }, { speaker: "b", corpus, x: [6] }],
    { speaker: "b", corpus: other, x: [8] },
  );
  deepEqual(means(rowsOf({ speaker: "a", x }, { speaker: "b", x }), named), [3, undefined]);
  // Where both name corpora, each speaker is of one corpus.
  deepEqual(means(rowsOf({ speaker: "b", corpus, x }, { speaker: "a", corpus: other, x }), named), [
    6,
    undefined,
  ]);
});

Deno.test("causal statistics mix the earlier rows with the train split by their count", () => {
  const given = rowsOf(...[[14], [12, 16], [0]].map((x) => ({ speaker: "a", x })), { speaker: "b", x: [0] });
  // One earlier row: w = 1/5, m = 14, s² = 0; u = 10, t² = 4. Two: w = 1/3, m = 14, s² = 8/3.
  const variance = (w: number, square: number) => w * square + (1 - w) * 4 + w * (1 - w) * 16;
  deepEqual(numbers(groupScalings(given, by("causal"), train)), [
    undefined,
    [Math.fround(10.8), Number(Math.sqrt(variance(1 / 5, 0)).toFixed(5))],
    [Math.fround(10 + 4 / 3), Number(Math.sqrt(variance(1 / 3, 8 / 3)).toFixed(5))],
    undefined,
  ]);
});

/** Rows of three speakers, two dialogues and all splits, drawn from a seed, with states of 2 numbers. */
function drawn(seed: number): RowStates {
  const draws = random(seed), from = (n: number) => draws.integer(n);
  const turns = new Map<string, number>();
  const rows = Array.from({ length: 80 }, (_, i): Utterance => {
    const split = (["train", "dev", "test"] as const)[from(3)], dialogue = `d${from(2)}`;
    const turn = turns.get(split + dialogue) ?? 0;
    turns.set(split + dialogue, turn + 1);
    return { id: `r${i}`, split, speaker: from(5) ? `s${from(3)}` : undefined, dialogue, turn };
  });
  const states = rows.map(() => {
    const length = 1 + from(4);
    return { data: Float32Array.from({ length: 2 * length }, () => 5 * draws.uniform()), length, width: 2 };
  });
  return { rows, states };
}

const wide = { mean: Float32Array.of(2, 3), std: Float32Array.of(1, 2) };
const VARIANTS = [by("transductive"), by("enrolled", 4), by("causal"), by("causal", undefined, "dialogue")];

Deno.test("no result depends on the order of rows, and a group never mixes splits", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const given = drawn(seed), order = random(seed).shuffle([...given.rows.keys()]);
    const pick = (of: number[]) => ({
      rows: of.map((i) => given.rows[i]),
      states: of.map((i) => given.states[i]),
    });
    for (const variant of VARIANTS) {
      const found = groupScalings(given, variant, wide);
      ok(found.some((scaling) => scaling));
      deepEqual(groupScalings(pick(order), variant, wide), order.map((i) => found[i]));
      const test = [...given.rows.keys()].filter((i) => given.rows[i].split === "test");
      deepEqual(groupScalings(pick(test), variant, wide), test.map((i) => found[i]));
    }
  }
});

Deno.test("a causal row never sees itself, a later turn or another dialogue; its file's order if it has no turn", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const given = drawn(seed), found = groupScalings(given, by("causal"), wide);
    for (const [i, row] of given.rows.entries()) {
      const states = given.states.map((sequence, j) => {
        const other = given.rows[j];
        const isSeen = other.split === row.split && other.dialogue === row.dialogue &&
          other.turn! < row.turn!;
        return isSeen ? sequence : { ...sequence!, data: sequence!.data.map((value) => value + 100) };
      });
      deepEqual(groupScalings({ ...given, states }, by("causal"), wide)[i], found[i]);
    }
  }
  const plain = rowsOf(...[1, 2, 3].map((x) => ({ speaker: "a", x: [x] })));
  const back = { rows: plain.rows.toReversed(), states: plain.states.toReversed() };
  notDeepEqual(
    groupScalings(back, by("causal"), train).toReversed(),
    groupScalings(plain, by("causal"), train),
  );
});

Deno.test("a clip that several rows share counts once, as in the train split", () => {
  const shared = sequence(1, 2), other = sequence(6);
  const rows = rowsOf(...[1, 2, 3, 4].map(() => ({ speaker: "a", x: [0] }))).rows;
  const states = [shared, shared, shared, other];
  deepEqual(groupScalings({ rows, states }, by("transductive"), train)[0], fitStandardizer([shared, other]));
});

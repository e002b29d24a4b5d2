import { random } from "../random.ts";
import { deepEqual, equal, ok, throws } from "../testing/assert.ts";
import { jsonFixture } from "../testing/shared.ts";
import { softmax } from "./calibration.ts";
import { conformalRule, conformalSets, fewestRows, type SetScore, setScores } from "./conformal.ts";
import { wilson } from "./wilson.ts";

for (const expected of jsonFixture("certainty.json").sets) {
  const { truth, probabilities, coverage, score } = expected;
  Deno.test(`threshold and sets equal the reference: ${score} at ${coverage}`, () => {
    const rule = conformalRule(truth, probabilities, { coverage, score });
    ok(Math.abs(rule.threshold - expected.threshold) < 1e-9);
    const sets = conformalSets(expected.new, rule);
    deepEqual(
      sets.map((set) => set.toSorted()),
      expected.held.map((row: number[]) => [...row.keys()].filter((c) => row[c] === 1)),
    );
    ok(
      sets.every((set, i) =>
        set.every((c, k) => k === 0 || expected.new[i][set[k - 1]] >= expected.new[i][c])
      ),
    );
  });
}

/** Rows of a model that is often wrong, and surer than it should be. */
function draws(count: number, seed: number): { truth: number[]; probabilities: number[][] } {
  const { normal, integer } = random(seed), truth = Array.from({ length: count }, () => integer(4));
  const logits = truth.map((right) => [0, 1, 2, 3].map((c) => 3 * normal() + (c === right ? 2.5 : 0)));
  return { truth, probabilities: softmax(logits) };
}

for (const score of ["lac", "aps"] as SetScore[]) {
  Deno.test(`${score}: over exchangeable draws, the mean coverage is at least the wanted one`, () => {
    const labels = ["a", "b", "c", "d"];
    for (const coverage of [0.6, 0.8, 0.9]) {
      const trials = Array.from({ length: 120 }, (_, seed) => {
        const { truth, probabilities } = draws(30 + 60, 1 + seed);
        const rule = conformalRule(truth.slice(0, 30), probabilities.slice(0, 30), { coverage, score });
        const sets = conformalSets(probabilities.slice(30), rule);
        return setScores(truth.slice(30), sets, labels).coverage;
      });
      const mean = trials.reduce((a, b) => a + b) / trials.length;
      // The standard error over 120 trials is about 1 point: each has 30 and 60 rows.
      ok(mean > coverage - 0.025, `${mean} at ${coverage}`);
      // In theory at most coverage + 1 / 31. The most probable class, which is in every set, adds to low
      // ones.
      ok(coverage < 0.9 || mean < coverage + 1 / 31 + 0.025, `${mean}: sets are no larger than they must be`);
    }
  });
}

Deno.test("the order of rows and of classes changes no set", () => {
  const { truth, probabilities } = draws(60, 7), order = random(5).shuffle([...truth.keys()]);
  const rule = conformalRule(truth, probabilities);
  deepEqual(conformalRule(order.map((i) => truth[i]), order.map((i) => probabilities[i])), rule);
  const mirrored = probabilities.map((row) => row.toReversed());
  deepEqual(
    conformalSets(mirrored, conformalRule(truth.map((c) => 3 - c), mirrored)),
    conformalSets(probabilities, rule).map((set) => set.map((c) => 3 - c)),
  );
});

Deno.test("too few rows and a coverage that is no share are refused, with the number of rows that it takes", () => {
  deepEqual([0.5, 0.8, 0.9, 0.95, 0.99].map(fewestRows), [1, 4, 9, 19, 99]);
  const { truth, probabilities } = draws(9, 1);
  equal(conformalRule(truth, probabilities, { coverage: 0.9 }).rows, 9);
  throws(
    () => conformalRule(truth.slice(1), probabilities.slice(1), { coverage: 0.9 }),
    /at least 9 rows for sets at 90 % but found 8/,
  );
  for (const coverage of [0, 1, 90, NaN]) {
    throws(() => conformalRule(truth, probabilities, { coverage }), /a coverage between 0 and 1/);
  }
});

Deno.test("the most probable class is in each set, even if no class is usual enough", () => {
  const rule = { coverage: 0.5, score: "lac" as const, threshold: 0.1, rows: 10 };
  deepEqual(conformalSets([[0.2, 0.5, 0.3], [0.95, 0.05, 0]], rule), [[1], [0]]);
});

Deno.test("scores of sets, counted by hand", () => {
  const scores = setScores([0, 0, 1, 1], [[0], [1, 0], [0], [2, 1, 0]], ["joy", "anger", "fear"]);
  deepEqual(scores, {
    n: 4,
    coverage: 0.75,
    interval_95: wilson(3, 4),
    size: 1.75,
    sizes: [2, 1, 1],
    per_class: [
      { label: "joy", n: 2, coverage: 1, interval_95: wilson(2, 2), size: 1.5 },
      { label: "anger", n: 2, coverage: 0.5, interval_95: wilson(1, 2), size: 2 },
      { label: "fear", n: 0, coverage: null, interval_95: null, size: null },
    ],
  });
});

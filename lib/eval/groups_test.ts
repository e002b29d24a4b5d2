import { deepEqual, equal, ok } from "../testing/assert.ts";
import { absentNotes } from "./absent.ts";
import { balancedAccuracy, confusionMatrix, weightedF1 } from "./confusion.ts";
import { estimate, groupMetrics, scoresByGroup } from "./groups.ts";
import { metricsOf } from "./metrics.ts";
import { resampleClusters } from "./significance.ts";
import { classOutcomes, vectorOutcomes } from "./target.ts";

const LABELS = ["joy", "anger"];
const plain = (a: string, b: string) => a < b ? -1 : 1;

/** Two speakers: all 24 answers for ana are right; of ben's 20, 5 of 10 joy and 10 of 10 anger. */
const truth = [
  ...new Array(12).fill(0),
  ...new Array(12).fill(1),
  ...new Array(10).fill(0),
  ...new Array(10).fill(1),
];
const predicted = truth.map((label, i) => i >= 24 && i < 29 ? 1 : label);
const groups = truth.map((_, i) => i < 24 ? "ana" : "ben"), ids = truth.map((_, i) => `u${i}`);
const outcomes = classOutcomes(truth, predicted, LABELS);

Deno.test("each group has the scores of its rows, and the gap is between the best and the worst", () => {
  const units = { by: "row", of: ids };
  const { groups: [ana, ben], gaps, by } = scoresByGroup("speaker", {
    outcomes,
    ids,
    groups,
    units,
    order: plain,
  });
  deepEqual([ana.group, ana.n, ana.clusters, ben.n, by], ["ana", 24, 24, 20, "row"]);
  equal(ana.metrics.balanced_accuracy.value, 1);
  deepEqual(ana.metrics.balanced_accuracy.interval_95, [1, 1]);
  equal(ben.metrics.balanced_accuracy.value, (0.5 + 1) / 2);
  const weighted = (10 * (2 * 5 / 15) + 10 * (2 * 10 / 25)) / 20; // by hand: F1 2/3 and 4/5
  ok(Math.abs(ben.metrics.weighted_f1.value! - weighted) < 1e-12);
  const [low, high] = ben.metrics.weighted_f1.interval_95!;
  ok(low < weighted && weighted < high);
  deepEqual(gaps.map(({ metric, best, worst }) => [metric, best, worst]), [
    ["balanced_accuracy", "ana", "ben"],
    ["weighted_f1", "ana", "ben"],
  ]);
  equal(gaps[0].gap, 0.25);
});

Deno.test("a small group counts for no gap, and answers of several models to a row are one row", () => {
  const few = groups.map((group, i) => i < 5 ? "cai" : group);
  const doubled = classOutcomes([...truth, ...truth], [...predicted, ...predicted], LABELS);
  const both = [...ids, ...ids], named = [...few, ...few];
  const { groups: all, gaps } = scoresByGroup("speaker", {
    outcomes: doubled,
    ids: both,
    groups: named,
    units: { by: "row", of: both },
    order: plain,
  });
  deepEqual(all.map(({ group, n, clusters }) => [group, n, clusters]), [["ana", 19, 19], ["ben", 20, 20], [
    "cai",
    5,
    5,
  ]]);
  deepEqual(gaps, []); // ben alone has 20 rows
});

Deno.test("an interval equals that of scores on resampled units, and a single unit has none", () => {
  const of = groups.map((group, i) => group + (i % 3));
  for (
    const [id, metric] of [["weighted_f1", weightedF1], ["balanced_accuracy", balancedAccuracy]] as const
  ) {
    const values = Array.from(
      resampleClusters(of, 1000, 1),
      (rows) => metric(confusionMatrix(truth, predicted, 2, rows)),
    ).sort((a, b) => a - b);
    const at = (percent: number) => {
      const place = 999 * percent / 100, below = Math.floor(place);
      return values[below] + (place - below) * (values[below + 1] - values[below]);
    };
    const found = groupMetrics("class").find((metric) => metric.id === id)!;
    const { interval_95: [low, high] = [0, 0] } = estimate(found, outcomes, { by: "speaker", of });
    ok(Math.abs(low - at(2.5)) < 1e-12 && Math.abs(high - at(97.5)) < 1e-12, id);
    equal(estimate(found, outcomes, { by: "speaker", of: truth.map(() => "x") }).interval_95, undefined);
  }
});

Deno.test("other targets are compared by their main metric; lower is better for some", () => {
  const share = (i: number) => [i % 2, 1 - i % 2];
  const given = Array.from({ length: 40 }, (_, i) => share(i));
  const answers = given.map(([a, b], i) => i < 20 ? [0.9 * a + 0.05, 0.9 * b + 0.05] : [0.5, 0.5]);
  const names = given.map((_, i) => i < 20 ? "sure" : "unsure"), rows = given.map((_, i) => `${i}`);
  const { gaps } = scoresByGroup("x", {
    outcomes: vectorOutcomes("distribution", given, answers, LABELS),
    ids: rows,
    groups: names,
    units: { by: "row", of: rows },
    order: plain,
  });
  deepEqual(gaps.map(({ metric, best, worst }) => [metric, best, worst]), [["kl", "sure", "unsure"]]);
});

Deno.test("a class without rows is told, with the macro F1 that scikit-learn gives by default", () => {
  // sklearn.metrics.f1_score([0,0,0,1,1,1], [0,0,1,1,1,1], average="macro") is 0.8286; with labels=[0,1,2]
  // 0.5524.
  const never = absentNotes(metricsOf([[2, 1, 0], [0, 3, 0], [0, 0, 0]], ["joy", "anger", "fear"]), "test");
  ok(/^No row of test is 'fear'\. Macro F1 \(55\.2 %\).*: 82\.9 %\./.test(never[0]), never[0]);
  // Predicted, so scikit-learn counts it, too: f1_score([0,0,0,1,1,1], [0,0,2,1,1,1], average="macro") is
  // 0.6.
  const guessed = absentNotes(metricsOf([[2, 0, 1], [0, 3, 0], [0, 0, 0]], ["joy", "anger", "fear"]), "dev");
  ok(/Macro F1 \(60\.0 %\).*: 60\.0 %/.test(guessed[0]), guessed[0]);
  deepEqual(absentNotes(metricsOf([[2, 1], [0, 3]], LABELS), "test"), []);
});

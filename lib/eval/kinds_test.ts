/** Metrics of targets that are no classes equal scikit-learn's, scipy's and hand calculations. */
import { deepEqual, equal, ok, throws } from "../testing/assert.ts";
import { jsonFixture } from "../testing/shared.ts";
import type { Target, VectorKind } from "../target.ts";
import { KINDS } from "./kinds.ts";
import { absentNotes } from "./absent.ts";
import { headlineMetrics, metricsFitting } from "./metric.ts";
import { areClasses, metricsOfOutcomes, metricValue, type VectorMetrics } from "./metrics.ts";
import { type Outcomes, outcomesOfRows, vectorOutcomes } from "./target.ts";

interface Case {
  what?: string;
  kind: VectorKind;
  truth: number[][];
  predicted: number[][];
  metrics: Record<string, number | null>;
  per_label?: Record<string, (number | null)[]>;
}
const fixture = jsonFixture("targets.json") as {
  metrics: Case[];
  sentiment: Case[];
  losses: {
    loss: string;
    kind: VectorKind;
    logits: number[][];
    targets: number[][];
    mean: number;
    options: object;
  }[];
  tolerance: { metrics: number };
};

const close = (found: unknown, expected: number | null, what: string, allowed = fixture.tolerance.metrics) =>
  ok(
    expected === null ? found === null : typeof found === "number" && Math.abs(found - expected) <= allowed,
    `${what}: ${found}, expected ${expected}`,
  );

const labels = ["joy", "anger", "fear", "calm", "awe"];

[...fixture.metrics, ...fixture.sentiment].forEach(
  ({ what, kind, truth, predicted, metrics, per_label }, i) => {
    Deno.test(`${i + 1}: metrics of ${what ?? kind} equal scikit-learn's and scipy's`, () => {
      const names = what ? ["sentiment"] : labels.slice(0, truth[0].length);
      const outcomes = vectorOutcomes(kind, truth, predicted, names);
      const found = metricsOfOutcomes(outcomes) as VectorMetrics;
      deepEqual(Object.keys(metrics).sort(), metricsFitting(outcomes).map(({ id }) => id).sort());
      for (const [id, value] of Object.entries(metrics)) close(metricValue(found, id), value, id);
      for (const [score, values] of Object.entries(per_label ?? {})) {
        values.forEach((value, c) => close(found.per_label[c][score], value, `${score} ${c}`));
      }
      equal(found.target, kind);
      equal(found.n, truth.length);
      ok(!areClasses(found));
      deepEqual(JSON.parse(JSON.stringify(found)), found, "JSON keeps every value");
      deepEqual(metricsOfOutcomes(outcomesOfRows(outcomes, truth.keys().toArray())), found);
    });
  },
);

for (const { loss, kind, logits, targets, mean, options } of fixture.losses) {
  if (loss === "ccc" || Object.keys(options).length > 0) continue;
  Deno.test(`the dev loss of ${kind} equals PyTorch's ${loss}: ${mean}`, () => {
    const truth = targets.map((value): Target => ({ kind, value }));
    close(KINDS[kind].loss(truth, logits.map((row) => Float32Array.from(row))), mean, loss, 1e-6 * mean);
  });
}

const scored = (kind: VectorKind, truth: number[][], predicted: number[][]) =>
  metricsOfOutcomes(vectorOutcomes(kind, truth, predicted, labels.slice(0, truth[0].length)));

Deno.test("undefined values are null, never NaN", () => {
  equal(metricValue(scored("distribution", [[0.5, 0.5]], [[1, 0]]), "kl"), null);
  equal(metricValue(scored("distribution", [[1, 0]], [[1, 0]]), "kl"), 0);
  const constant = scored("values", [[0.1], [0.1], [0.1]], [[0.1], [0.1], [0.1]]);
  deepEqual(["ccc", "pearson", "rmse"].map((id) => metricValue(constant, id)), [null, null, 0]);
  const apart = scored("values", [[0.1], [0.1], [0.1]], [[0.3], [0.4], [0.5]]);
  deepEqual(["ccc", "pearson"].map((id) => metricValue(apart, id)), [0, null]);
  const none = scored("labels", [[0, 0]], [[0.1, 0.1]]);
  deepEqual(["macro_f1", "weighted_f1", "micro_f1"].map((id) => metricValue(none, id)), [0, 0, 0]);
});

Deno.test("scores of sentiment are for its name and its scale alone", () => {
  const ids = (name: string, truth: number[][]) =>
    metricsFitting({ kind: "values", labels: ["arousal", name], truth: truth.map(([t]) => [2, t]) })
      .map(({ id }) => id).slice(4).join();
  equal(ids("Sentiment", [[-3], [0], [3]]), "acc2_has0,acc2_non0,f1_has0,f1_non0,acc7");
  equal(ids("valence", [[-3], [0], [3]]), "");
  equal(ids("sentiment", [[1], [4]]), "", "a scale from 1 to 5");
  equal(ids("sentiment", [[-1], [0.5], [0]]), "", "perhaps a scale from -1 to 1");
  equal(ids("sentiment", [[0], [0]]), "");
});

Deno.test("sentiment by hand: a prediction of 0 is non-negative, and not positive", () => {
  // Among three rows, [0, 0] is right in the first convention and absent in the second.
  const found = metricsOfOutcomes(
    vectorOutcomes("values", [[2], [0], [-2.5]], [[0], [0], [-2]], ["sentiment"]),
  );
  deepEqual(["acc2_has0", "acc2_non0"].map((id) => metricValue(found, id)), [1, 1 / 2]);
  equal(metricValue(found, "acc7"), 2 / 3, "-2.5 rounds to -2, as in numpy");
});

Deno.test("a label that no row has, or all rows, has no weighted accuracy", () => {
  const found = scored("labels", [[1, 0], [1, 1]], [[0.9, 0.1], [0.2, 0.8]]) as VectorMetrics;
  deepEqual(found.per_label.map(({ weighted_accuracy }) => weighted_accuracy), [null, 1]);
  equal(metricValue(found, "weighted_accuracy"), null);
});

Deno.test("undefined scores are told with their reason", () => {
  const constant = scored("values", [[1, 2], [1, 3]], [[1, 2], [1, 5]]);
  deepEqual(absentNotes(constant, "dev"), [
    "On dev, Pearson's correlation is undefined for 'joy', and so is its mean: " +
    "the true or the predicted values are all equal.",
    "On dev, CCC is undefined for 'joy', and so is its mean: the true and the predicted values are the same constant.",
  ]);
  const [note] = absentNotes(scored("labels", [[1, 0], [1, 1]], [[0.9, 0.1], [0.2, 0.8]]), "test");
  equal(
    note,
    "On test, weighted accuracy is undefined for 'joy', and so is its mean: no row has the label, or all rows have it.",
  );
  deepEqual(absentNotes(scored("values", [[1], [2]], [[1], [5]]), "dev"), []);
});

Deno.test("Lin's concordance by hand: it falls with a shift where Pearson's correlation does not", () => {
  // x = 1, 2, 3 and y = x + 1: cov 2/3, variances 2/3 each, (mean difference)^2 = 1.
  const shifted = scored("values", [[1], [2], [3]], [[2], [3], [4]]);
  close(metricValue(shifted, "ccc"), (4 / 3) / (4 / 3 + 1), "ccc");
  close(metricValue(shifted, "pearson"), 1, "pearson");
});

Deno.test("the control of vectors is the mean target of train", () => {
  const targets = (kind: VectorKind, rows: number[][]) => rows.map((value): Target => ({ kind, value }));
  const control = (kind: VectorKind, train: number[][], truth: number[][]) =>
    KINDS[kind].control.outcomes(targets(kind, train), targets(kind, truth), ["a", "b"]);
  deepEqual(control("values", [[1, 2], [3, 6]], [[0, 0], [1, 1]]).predicted, [[2, 4], [2, 4]]);
  deepEqual(control("labels", [[1, 0], [1, 1]], [[1, 0]]).predicted, [[1, 0.5]]);
  equal(KINDS.class.control.name, "majority");
});

Deno.test("answers are probabilities or the values themselves", () => {
  deepEqual(KINDS.values.answers([[3, -4]]), [[3, -4]]);
  deepEqual(KINDS.labels.answers([[0, 800, -800]]), [[0.5, 1, 0]]);
  deepEqual(KINDS.distribution.answers([[1, 1]]), [[0.5, 0.5]]);
});

Deno.test("every kind has a headline and a default for --select among its metrics", () => {
  for (const [kind, { select, headline }] of Object.entries(KINDS)) {
    const ids = headlineMetrics(kind as VectorKind).map(({ id }) => id);
    ok(ids.includes(select) && ids.includes(headline), kind);
  }
});

Deno.test("mixed kinds, rows of another length and rows without predictions are refused", () => {
  const mixed: Target[] = [{ kind: "values", value: [1] }, { kind: "class", value: 0 }];
  throws(() => KINDS.values.outcomes(mixed, [[1], [2]], ["a"]), /kind 'class' came where all are 'values'/);
  const refused = (truth: number[][], predicted: number[][]): Outcomes =>
    vectorOutcomes("values", truth, predicted, ["a", "b"]);
  throws(() => void refused([], []), /found 0 true and 0 predicted rows/);
  throws(() => void refused([[1, 2]], []), /found 1 true and 0 predicted rows/);
  throws(() => void refused([[1, 2]], [[1]]), /rows of 2 numbers but found a row of 1/);
});

import { deepEqual, equal, ok, throws } from "../testing/assert.ts";
import { jsonFixture } from "../testing/shared.ts";
import { accuracy, weightedF1 } from "./confusion.ts";
import {
  binomialTwoSided,
  bootstrap,
  mcnemar,
  pairedBootstrap,
  resampleClusters,
  resampleRows,
} from "./significance.ts";

const { comparison } = jsonFixture("metrics.json");

const close = (found: number, expected: number, tolerance = 1e-9) =>
  ok(Math.abs(found - expected) <= tolerance, `${found}, expected ${expected}`);

Deno.test("McNemar equals the exact binomial of the reference", () => {
  for (const { only_a_right, only_b_right, p } of comparison.mcnemar.cases) {
    close(binomialTwoSided(only_a_right, only_b_right), p);
  }
});

Deno.test("McNemar counts the rows that just one system gets right", () => {
  const truth = [0, 0, 1, 1, 2, 2], a = [0, 0, 1, 0, 2, 0], b = [0, 1, 0, 0, 1, 2];
  deepEqual(mcnemar(truth, a, b), { only_a_right: 3, only_b_right: 1, p: 0.625 });
});

Deno.test("the paired bootstrap equals the reference on its resamples", () => {
  const { y_true: truth, a, b, n_classes: classes, resamples, delta, interval_95, p } =
    comparison.paired_bootstrap;
  const found = pairedBootstrap({ truth, a, b, classes, metric: weightedF1, resamples });
  close(found.delta, delta);
  close(found.interval_95[0], interval_95[0]);
  close(found.interval_95[1], interval_95[1]);
  close(found.p, p);
  equal(found.resamples, resamples.length);
  const swapped = pairedBootstrap({ truth, a: b, b: a, classes, metric: weightedF1, resamples });
  close(swapped.p, p);
  close(swapped.interval_95[0], -interval_95[1]);
});

Deno.test("two equal systems have difference 0 and p 1", () => {
  const truth = [0, 1, 0, 1], a = [0, 1, 1, 1];
  const resamples = resampleRows(4, 50, 1);
  const found = pairedBootstrap({ truth, a, b: a, classes: 2, metric: accuracy, resamples });
  deepEqual(found, { delta: 0, interval_95: [0, 0], p: 1, resamples: 50 });
});

Deno.test("the interval of accuracy over rows is binomial", () => {
  const truth = new Array(400).fill(0), predicted = truth.map((_, i) => Number(i % 4 === 0));
  const found = bootstrap({
    truth,
    predicted,
    classes: 2,
    metric: accuracy,
    resamples: resampleRows(400, 2000, 3),
  });
  const half = 1.96 * Math.sqrt(0.75 * 0.25 / 400);
  equal(found.value, 0.75);
  close(found.interval_95[0], 0.75 - half, 0.01);
  close(found.interval_95[1], 0.75 + half, 0.01);
});

Deno.test("rows of one clip are one observation: the interval is that over clips", () => {
  const clips = Array.from({ length: 400 }, (_, row) => `clip ${row % 40}`); // 10 rows each, right or wrong together
  const truth = new Array(400).fill(0), predicted = clips.map((_, row) => Number(row % 40 % 4 === 0));
  const found = bootstrap({
    truth,
    predicted,
    classes: 2,
    metric: accuracy,
    resamples: resampleClusters(clips, 2000, 3),
  });
  const half = 1.96 * Math.sqrt(0.75 * 0.25 / 40);
  close(found.interval_95[0], 0.75 - half, 0.03);
  close(found.interval_95[1], 0.75 + half, 0.03);
});

Deno.test("a resample takes whole clusters, as many as there are", () => {
  const clusters = ["x", "y", "x", "z", "x", "z"], sizes: Record<string, number> = { x: 3, y: 1, z: 2 };
  for (const rows of resampleClusters(clusters, 40, 5)) {
    const counts = new Map<number, number>();
    for (const row of rows) counts.set(row, (counts.get(row) ?? 0) + 1);
    let drawn = 0;
    for (const [row, count] of counts) {
      drawn += count / sizes[clusters[row]];
      for (const [other, otherCount] of counts) {
        if (clusters[row] === clusters[other]) equal(count, otherCount);
      }
    }
    close(drawn, 3);
  }
});

Deno.test("equal seeds give equal resamples; other seeds give others", () => {
  deepEqual([...resampleRows(9, 3, 7)], [...resampleRows(9, 3, 7)]);
  deepEqual([...resampleClusters(["a", "b", "c"], 3, 7)], [...resampleClusters(["a", "b", "c"], 3, 7)]);
  ok(JSON.stringify([...resampleRows(9, 3, 7)]) !== JSON.stringify([...resampleRows(9, 3, 8)]));
});

Deno.test("no resamples, no interval", () => {
  throws(
    () => bootstrap({ truth: [0], predicted: [0], classes: 1, metric: accuracy, resamples: [] }),
    /Expected at least one resample but found none/,
  );
});

Deno.test("a metric that is NaN on a resample is refused", () => {
  const truth = [0, 0, 1, 1], a = [0, 0, 1, 0], b = [0, 1, 1, 0];
  const resamples = [[0, 1, 2, 3], [0, 0, 1, 1]], classes = 2;
  const metric = (confusion: readonly (readonly number[])[]) =>
    confusion[1][1] / (confusion[1][0] + confusion[1][1]);
  throws(() => bootstrap({ truth, predicted: a, classes, metric, resamples }), /found NaN at bootstrap/);
  throws(() => pairedBootstrap({ truth, a, b, classes, metric, resamples }), /found NaN at bootstrap/);
  const predicted = [0, 0, 1, NaN];
  throws(
    () => bootstrap({ truth, predicted, classes, metric: accuracy, resamples }),
    /Expected classes 0 to 1 but found NaN for 1 in row 3/,
  );
  throws(() => mcnemar(truth, a, [0]), /found 4 and 1/);
});

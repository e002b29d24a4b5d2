import { deepEqual, equal, ok, throws } from "../testing/assert.ts";
import { majorityControl as outcomesOfMajority } from "./majority.ts";
import { type Metrics, metricsOfOutcomes } from "./metrics.ts";

const labels = ["neutral", "joy", "anger", "fear"];
const majorityControl = (...of: Parameters<typeof outcomesOfMajority>) =>
  metricsOfOutcomes(outcomesOfMajority(...of)) as Metrics;
const repeat = (counts: number[]) => counts.flatMap((count, c) => new Array<number>(count).fill(c));
const train = repeat([50, 30, 15, 5]), truth = repeat([400, 400, 150, 50]);

const close = (found: number, expected: number, tolerance: number) =>
  ok(Math.abs(found - expected) <= tolerance, `${found}, expected ${expected}`);

Deno.test("the majority equals scikit-learn's DummyClassifier(most_frequent)", () => {
  const found = majorityControl(train, truth, labels);
  close(found.accuracy, 0.4, 1e-12);
  close(found.weighted_f1, 0.22857142857142856, 1e-12);
  close(found.macro_f1, 0.14285714285714285, 1e-12);
  deepEqual(found.confusion.map((row) => row[0]), [400, 400, 150, 50]);
});

Deno.test("the majority is that of the training rows, not of the rows scored", () => {
  equal(majorityControl([3, 3, 0], [0, 0, 0, 3], labels).accuracy, 0.25);
});

Deno.test("a class out of range is refused", () => {
  throws(() => majorityControl([], truth, labels), /found none/);
  for (const bad of [-1, 4, NaN, 0.5]) {
    throws(() => majorityControl([0, bad], truth, labels), /but found \S+ at the majority/);
  }
});

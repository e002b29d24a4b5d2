import { random } from "../random.ts";
import { deepEqual, equal, ok, throws } from "../testing/assert.ts";
import { jsonFixture } from "../testing/shared.ts";
import { ece } from "./calibration.ts";
import { reliability } from "./reliability.ts";
import { wilson } from "./wilson.ts";

const { reliability: cases, wilson: intervals } = jsonFixture("certainty.json");
const close = (a: number, b: number) => ok(Math.abs(a - b) < 1e-9, `${a} is ${b}`);

Deno.test("bins equal scikit-learn's calibration_curve, and their gaps sum to the ECE", () => {
  for (const { truth, probabilities, bins, n, accuracy, confidence } of cases) {
    const found = reliability(truth, probabilities, bins), filled = found.filter(({ n }) => n > 0);
    deepEqual(found.map(({ n }) => n), n);
    equal(filled.length, accuracy.length);
    filled.forEach((bin, i) => {
      close(bin.accuracy!, accuracy[i]);
      close(bin.confidence!, confidence[i]);
      deepEqual(bin.interval_95, wilson(Math.round(bin.accuracy! * bin.n), bin.n));
    });
    const gaps = filled.map((bin) => bin.n / truth.length * Math.abs(bin.accuracy! - bin.confidence!));
    close(gaps.reduce((a, b) => a + b), ece(truth, probabilities, bins));
  }
});

Deno.test("a confidence on an edge belongs to the bin below it, and an empty bin has no numbers", () => {
  const bins = reliability([0, 0], [[0.75, 0.25], [1, 0]], 4);
  deepEqual(bins.map(({ n }) => n), [0, 0, 1, 1]);
  deepEqual(bins[0], { low: 0, high: 0.25, n: 0, confidence: null, accuracy: null, interval_95: null });
});

Deno.test("the order of the rows changes no digit", () => {
  const { truth, probabilities } = cases[0], order = random(3).shuffle([...truth.keys()]);
  deepEqual(
    reliability(order.map((i) => truth[i]), order.map((i) => probabilities[i])),
    reliability(truth, probabilities),
  );
});

Deno.test("Wilson's interval equals scipy's, and refuses more right rows than there are", () => {
  for (const { count, rows, interval } of intervals) {
    wilson(count, rows).forEach((end, i) => close(end, interval[i]));
  }
  throws(() => wilson(0, 0), /found 0 of 0/);
  throws(() => wilson(3, 2), /found 3 of 2/);
});

Deno.test("logits in the place of probabilities are refused", () => {
  throws(() => reliability([0], [[2, -1]]), /probabilities but found 2 for class 0 at row 0/);
  throws(() => ece([0], [[0.5, -1]]), /probabilities but found -1 for class 1 at row 0/);
});

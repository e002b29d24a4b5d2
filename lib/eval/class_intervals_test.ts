import { deepEqual, ok } from "../testing/assert.ts";
import { classIntervals } from "./class_intervals.ts";
import { resampleRows } from "./significance.ts";

Deno.test("a class that is always right has the interval [1, 1]; one that never occurs has [0, 0]", () => {
  const truth = [0, 0, 0, 1, 1, 1], resamples = [[0, 1, 3], [2, 4, 5], [0, 3, 4]];
  const one = { precision: [1, 1], recall: [1, 1], f1: [1, 1] };
  const none = { precision: [0, 0], recall: [0, 0], f1: [0, 0] };
  deepEqual(classIntervals(truth, truth, 3, resamples), [one, one, none]);
});

Deno.test("the interval of recall spans the recalls of the resamples", () => {
  // Class 0 has recall 1/2 on the first resample and 1 on the second: percentiles are linear in between.
  const [{ recall }] = classIntervals([0, 0, 1], [0, 1, 1], 2, [[0, 1, 2], [0, 0, 2]]);
  deepEqual(recall.map((end) => Number(end.toFixed(6))), [0.5125, 0.9875]);
});

Deno.test("more rows give a narrower interval", () => {
  const width = (n: number) => {
    const truth = Array.from({ length: n }, (_, i) => i % 2);
    const predicted = truth.map((value, i) => i % 3 === 0 ? 1 - value : value);
    const [{ f1: [low, high] }] = classIntervals(truth, predicted, 2, resampleRows(n, 300, 1));
    return high - low;
  };
  ok(width(600) < width(60) / 2);
});

import { deepEqual, equal, match } from "../../lib/testing/assert.ts";
import { scaleText, sizesOf } from "./scale.ts";

Deno.test("rows, lengths and classes vary one at a time, and no size is measured twice", () => {
  const sizes = sizesOf({ rows: [1000, 10_000, 100_000], lengths: [10, 100], classes: [2, 7] });
  deepEqual(sizes.map(({ rows, length, classes }) => [rows, length, classes]), [
    [1000, 100, 7],
    [10_000, 100, 7],
    [100_000, 100, 7],
    [10_000, 10, 7],
    [10_000, 100, 2],
  ]);
  deepEqual(
    sizesOf({ rows: [500], lengths: [], classes: [3, 90] }).map(({ rows, classes }) => [rows, classes]),
    [
      [500, 7],
      [500, 3],
      [900, 90],
    ],
  );
  equal(sizesOf().length, 5);
});

Deno.test("each line has the seconds of an epoch beside the memory", () => {
  const took = { until_training_s: 2, epoch_s: [3.25, 1.5], peak_mb: 400 };
  const text = scaleText([{ ...sizesOf()[0], first: took, again: took }], 2);
  match(text, /first epoch +second epoch +peak/);
  match(text, /10000 +100 +96 +7 +0\.38 +2\.0 +2\.0 +3\.\d +1\.5 +400/);
});

import { useEngine } from "../../lib/compute/mod.ts";
import { deepEqual, equal, ok } from "../../lib/testing/assert.ts";
import { firstEpoch, firstEpochText } from "./first_epoch.ts";

Deno.test("both epochs are timed, and what the first compiles is counted", async () => {
  const { stats, resetStats } = await useEngine({ engine: "onnx", threads: 1 });
  resetStats();
  const { rows, first, second, compiles, compileSeconds } = await firstEpoch(8);
  equal(rows, 8);
  ok(first > 0 && second > 0);
  deepEqual([compiles, stats().compiles], [1, 1]); // eight rows are one batch
  ok(compileSeconds > 0);
});

Deno.test("the text says whether the goal is reached", () => {
  const measured = { rows: 3000, first: 23, second: 20, compiles: 18, compileSeconds: 1 };
  equal(
    firstEpochText(measured),
    "First epoch of 3000 rows: 23.0 s, second: 20.0 s, ratio 1.15; 18 graphs compiled in 1.0 s. " +
      "Goal of at most 1.15: reached.",
  );
  ok(firstEpochText({ ...measured, first: 24 }).endsWith("missed."));
});

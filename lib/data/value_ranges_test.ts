import { deepEqual, equal } from "../testing/assert.ts";
import type { Utterance } from "./utterance.ts";
import { rangeLines, valueRanges } from "./value_ranges.ts";

const row = (split: Utterance["split"], valence?: number): Utterance => ({
  id: "1",
  split,
  text: "Hey",
  ...valence !== undefined && { target: { valence } },
});

Deno.test("the range of each dimension by split, without rows that have no target", () => {
  const rows = [row("train", -1), row("train", 3), row("train"), row("dev", 1 / 3)];
  const ranges = valueRanges({ target: "values", labels: ["valence"], rows })!;
  deepEqual(ranges.valence.train, { least: -1, mean: 1, most: 3 });
  deepEqual(rangeLines(ranges), ["valence: -1 to 3 in train, mean 1; 0.333 to 0.333 in dev, mean 0.333."]);
  deepEqual(rangeLines(valueRanges({ target: "values", labels: ["valence"], rows: [] })), [
    "valence: no row.",
  ]);
  equal(valueRanges({ target: "labels", labels: ["joy"], rows: [] }), undefined);
});

import { deepEqual, equal, match } from "../../testing/assert.ts";
import { importanceTable, searchTable, winnerText } from "./report.ts";
import type { SearchResults } from "./results.ts";

const results: SearchResults = {
  data: "sample",
  strategy: "random",
  seed: 1,
  metric: "macro_f1",
  rows: 50,
  trials: [
    { number: 0, values: { lr: 0.001 }, epochs: 2, score: 0.5 },
    { number: 1, values: { lr: 0.01 }, epochs: 2, score: null, failed: "not finite" },
    { number: 2, values: { lr: 0.002 }, epochs: 2, score: 0.6 },
  ],
  importance: [
    { key: "lr", measure: "rank correlation", value: -0.2, trials: 3 },
    { key: "method", measure: "eta squared", value: null, trials: 3 },
    { key: "batch_size", measure: "rank correlation", value: 0.1, trials: 3 },
  ],
  winner: {
    number: 2,
    values: { lr: 0.002 },
    searched: 0.6,
    retrained: { n: 2, mean: 0.55, deviation: 0.02, seeds: [2, 3], values: [0.53, 0.57] },
  },
};

Deno.test("the table is sorted by score, with failed trials last and the winner highlighted", () => {
  const { rows, strong, title } = searchTable(results);
  deepEqual(rows, [["2", "0.002", "60.0"], ["0", "0.001", "50.0"], ["1", "0.01", "failed"]]);
  deepEqual(strong, [0]);
  equal(title, "3 trials on sample, by macro F1 on dev");
  equal(searchTable(results, 1).title, "3 trials on sample, by macro F1 on dev: the best 1");
});

Deno.test("a lower loss is better, and is no share", () => {
  const { rows } = searchTable({ ...results, metric: "loss" });
  deepEqual(rows.map(([, , score]) => score), ["0.500", "0.600", "failed"]);
});

Deno.test("the sentence has both scores and says which one is biased", () => {
  match(
    winnerText(results),
    /^Trial 2 .* lr 0\.002\. Its macro F1 is 60\.0 % in the search and 55\.0 ± 2\.0 % with 2 fresh/,
  );
  match(winnerText(results), /searched score is biased upwards/);
  match(winnerText({ ...results, winner: { ...results.winner!, retrained: null } }), /biased upwards/);
  match(winnerText({ ...results, winner: undefined }), /^No trial has a score/);
});

Deno.test("the sentence names fresh seeds without a score, and what that does to the mean", () => {
  const failed = [{ seed: 4, reason: "The loss is not finite." }];
  match(
    winnerText({ ...results, winner: { ...results.winner!, failed } }),
    /Without a score: seed 4 \(The loss is not finite\)\. The mean leaves it out, so it is too good\.$/,
  );
});

Deno.test("options are sorted by how much they mattered, either way", () => {
  deepEqual(importanceTable(results).rows.map(([key, value]) => [key, value]), [
    ["lr", "-0.20"],
    ["batch_size", "0.10"],
    ["method", "–"],
  ]);
});

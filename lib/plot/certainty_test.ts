import { certaintyOf } from "../eval/mod.ts";
import { deepEqual, equal, match } from "../testing/assert.ts";
import { calibrationTable, certaintyTexts, setsTable } from "./certainty.ts";
import { tableText } from "./table.ts";

const labels = ["joy", "anger", "fear"];
const dev = {
  truth: [0, 0, 1, 1, 0, 1, 0, 1, 0, 1],
  probabilities: [0.9, 0.8, 0.3, 0.2, 0.7, 0.6, 0.4, 0.1, 0.9, 0.2].map((p) => [p, 0.9 - p + 0.05, 0.05]),
};
const certainty = certaintyOf(dev, dev, labels, { coverage: 0.8 });

Deno.test("calibration stands before and after scaling, with names only if there are several", () => {
  const one = calibrationTable({ dev: certainty });
  deepEqual(one.rows.map(([name]) => name), ["before scaling", "after scaling"]);
  deepEqual(one.rows[1].slice(1), [
    certainty.calibrator.temperature,
    certainty.after.nll,
    certainty.after.brier,
    certainty.after.ece,
  ]);
  equal(calibrationTable({ a: certainty, b: certainty }).rows[3][0], "b, after scaling");
  match(tableText(one), /^before scaling\s+1\.00 /m);
});

Deno.test("sets have a line per class and one for all; a class without rows has none of the numbers", () => {
  const table = setsTable(certainty);
  deepEqual(table.rows.map(([name, n]) => [name, n]), [["joy", 5], ["anger", 5], ["fear", 0], [
    "all rows",
    10,
  ]]);
  deepEqual(table.rows[2], ["fear", 0, null, null, null]);
  deepEqual(setsTable({ ...certainty, sets: undefined }).rows, []);
});

Deno.test("sentences name temperature, sets and errors, and end with the notes", () => {
  const texts = certaintyTexts(certainty).join("\n");
  match(texts, /^Temperature [\d.]+, fitted on 10 dev rows: .* before and [\d.]+ % after scaling\.$/m);
  match(texts, /^Sets at 80 %: [\d.]+ % hold the true class \(95 %: [\d.]+ to [\d.]+\)/m);
  // Rows 5 and 6 share a confidence, so that half of the rows can't be told apart from 60 %.
  match(texts, /^Errors among the surest 40 % of rows: 0\.0 %\. Among all: 20\.0 %\./m);
  match(texts, /fitted on these very rows/);
});

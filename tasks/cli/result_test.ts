import { metrics } from "../../lib/eval/mod.ts";
import type { SplitResult } from "../../lib/jobs/mod.ts";
import { equal, match, ok } from "../../lib/testing/assert.ts";
import { resultText } from "./result.ts";

const result = (clusters: number, chosen_by?: string): SplitResult => ({
  metrics: metrics([0, 1, 1], [0, 1, 1], ["joy", "anger"]),
  weighted_f1_interval: { interval_95: [1, 1], clusters, by: "row" },
  balanced_accuracy_interval: { interval_95: [0.5, 1], clusters, by: "row" },
  ...chosen_by && { chosen_by },
  read: [],
});

Deno.test("a result says by what its epoch was chosen, and if few rows stand behind the interval", () => {
  const text = resultText(result(8, "macro_f1"), "dev");
  match(text, /^weighted F1 100\.0 %, 95 % interval 100\.0 to 100\.0 \(bootstrap over 8 distinct rows\)$/m);
  match(text, /^balanced acc\. 100\.0 %, 95 % interval 50\.0 to 100\.0 \(bootstrap over 8 distinct rows\)$/m);
  match(text, /^The epoch was chosen by macro F1 on dev, the rows of this result/m);
  match(text, /^dev has only 8 distinct rows: the interval is narrower than the true uncertainty\./m);
  match(resultText(result(29, "loss"), "test"), /^The epoch was chosen by loss on dev\.$/m);
  match(resultText(result(29), "test"), /^test has only 29 distinct rows/m);
  const many = resultText(result(30), "dev");
  ok(!many.includes("only") && !many.includes("chosen"));
  equal(many.split("\n").at(-1), many.split("\n").find((line) => line.startsWith("balanced acc. 100")));
});

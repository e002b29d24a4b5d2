import { deepEqual, match, ok } from "../../lib/testing/assert.ts";
import { featuresText, rates } from "./features.ts";

Deno.test("rates are clips per second; ratios compare the rounds that stand beside each other", () => {
  deepEqual(rates(40, [1, 2, 4], [3, 4, 20]), {
    ours: 20,
    opensmile: 10,
    ratio: 3,
    ratio_quartiles: [2.5, 4],
  });
  deepEqual(rates(40, [2], []), { ours: 20 });
});

Deno.test("what misses the goal is named; that openSMILE was not measured is said", () => {
  const row = (what: string, ratio: number) => ({
    what,
    ours: 20,
    opensmile: 10,
    ratio,
    ratio_quartiles: [1, 3] as [number, number],
  });
  const measured = (ratio: number) => ({
    clips: 2,
    seconds: 1,
    rows: [row("memory", 2.5), row("files", ratio)],
    opensmile: { version: "2.6.0" },
  });
  match(featuresText(measured(1.9)), /at least 2 times ours: not by files\./);
  match(featuresText(measured(2)), /at least 2 times ours: reached by all\./);
  const alone = featuresText({
    clips: 2,
    seconds: 1,
    rows: [{ what: "memory", ours: 20 }],
    opensmile: { missing: "No module named 'opensmile'" },
  });
  match(alone, /openSMILE was not measured: No module named 'opensmile'\./);
  ok(!alone.includes("at least"));
});

import { deepEqual, equal, ok } from "../../testing/assert.ts";
import { bestTrial, etaSquared, importanceOf, type Trial, UNDEFINED, winnerOf } from "./results.ts";
import type { Space } from "./space.ts";

const trial = (number: number, score: number | null, changes: Partial<Trial> = {}): Trial => ({
  ...{ number, values: {}, epochs: 4, score },
  ...changes,
});

Deno.test("the winner is the best of the trials that trained longest, and of equal ones the first", () => {
  const trials = [trial(0, 0.9, { epochs: 1 }), trial(1, 0.5), trial(2, 0.7), trial(3, 0.7), trial(4, null)];
  equal(bestTrial(trials, true)!.number, 2);
  equal(bestTrial(trials, false)!.number, 1);
  equal(bestTrial([trial(0, null)], true), undefined);
});

Deno.test("eta squared is the share of variance between groups", () => {
  // By hand: groups (1, 3) and (5, 7), mean 4; between 2·2² + 2·2² = 16 of 9 + 1 + 1 + 9 = 20.
  equal(etaSquared(["a", "a", "b", "b"], [1, 3, 5, 7]), 16 / 20);
  equal(etaSquared(["a", "b"], [1, 2]), null); // each group has one score
  equal(etaSquared(["a", "a", "b"], [1, 1, 1]), null); // no variance
});

Deno.test("importance uses equally long training, and trials that have the option", () => {
  const space: Space = {
    parameters: [
      { key: "lr", domain: { kind: "number", low: 0, high: 1, log: false, integer: false } },
      { key: "method", domain: { kind: "choice", values: ["a", "b"] } },
      {
        key: "options.width",
        domain: { kind: "number", low: 1, high: 9, log: false, integer: true },
        methods: ["b"],
      },
    ],
    methods: ["a", "b"],
    notes: [],
  };
  const trials = [
    trial(0, 0.9, { values: { lr: 0.1, method: "a" }, rungs: [0.1, 0.9] }),
    trial(1, 0.2, { values: { lr: 0.2, method: "a" }, rungs: [0.2] }),
    trial(2, 0.3, { values: { lr: 0.3, method: "b", "options.width": 5 }, rungs: [0.3] }),
    trial(3, null, { values: { lr: 0.4, method: "b", "options.width": 1 }, rungs: [null] }),
  ];
  const [lr, method, width] = importanceOf(space, trials);
  deepEqual([lr.value, lr.trials], [1, 3]);
  // Groups (0.1, 0.2) and (0.3), mean 0.2: between 2·0.05² + 0.1² = 0.015 of 0.02.
  ok(Math.abs(method.value! - 0.75) < 1e-12);
  deepEqual([width.value, width.trials], [null, 1]);
});

Deno.test("fresh seeds without a score are listed with the reason, and are not in the mean", () => {
  const all = [{ seed: 2, score: 0.5 }, { seed: 3, score: null, failed: "It diverged." }, {
    seed: 4,
    score: null,
  }, { seed: 5, score: 0.7 }];
  const { retrained, failed } = winnerOf(trial(0, 0.9), all);
  deepEqual([retrained!.n, retrained!.seeds, retrained!.values], [2, [2, 5], [0.5, 0.7]]);
  ok(Math.abs(retrained!.mean - 0.6) < 1e-12);
  deepEqual(failed, [{ seed: 3, reason: "It diverged." }, { seed: 4, reason: UNDEFINED }]);
  equal(winnerOf(trial(0, 0.9), [{ seed: 2, score: null }]).retrained, null);
});

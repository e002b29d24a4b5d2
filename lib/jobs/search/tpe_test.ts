import { deepEqual, ok } from "../../testing/assert.ts";
import { randomValues, type Space, type Values } from "./space.ts";
import { divided, type Scored, STARTUP, tpeValues } from "./tpe.ts";

const space: Space = {
  parameters: [
    { key: "method", domain: { kind: "choice", values: ["a", "b", "c"] } },
    { key: "lr", domain: { kind: "number", low: 1e-5, high: 1, log: true, integer: false } },
    { key: "options.dropout", domain: { kind: "number", low: 0, high: 1, log: false, integer: false } },
    {
      key: "options.width",
      domain: { kind: "number", low: 1, high: 64, log: true, integer: true },
      methods: ["b"],
    },
  ],
  methods: ["a", "b", "c"],
  notes: [],
};

/** A loss whose least value, 0, lies at method b, lr 0.01, dropout 0.3 and width 16. */
const loss = (values: Values): number =>
  (values.method === "b" ? 0 : 1) + Math.log10(values.lr as number / 0.01) ** 2 +
  4 * (values["options.dropout"] as number - 0.3) ** 2 +
  ("options.width" in values ? Math.log2(values["options.width"] as number / 16) ** 2 / 16 : 0);

/** Returns the least loss of 40 trials. */
function best(choose: (before: readonly Scored[], i: number) => Values): number {
  const trials: Scored[] = [];
  for (let i = 0; i < 40; i++) {
    const values = choose(trials, i);
    trials.push({ values, score: loss(values) });
  }
  return Math.min(...trials.map(({ score }) => score!));
}

Deno.test("TPE comes closer to the optimum of a known function than random draws do, over 20 seeds", () => {
  const seeds = Array.from({ length: 20 }, (_, seed) => seed);
  const tpe = seeds.map((seed) =>
    best((before, i) => tpeValues(space, before, { seed, i, higherIsBetter: false }))
  );
  const random = seeds.map((seed) => best((_, i) => randomValues(space, seed, i)));
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[10];
  ok(median(tpe) < median(random) / 2, `${median(tpe)} of ${median(random)}`);
  ok(seeds.filter((seed) => tpe[seed] <= random[seed]).length >= 15);
});

Deno.test("values lie in their domains, and only method b has a width", () => {
  const trials: Scored[] = [];
  for (let i = 0; i < 60; i++) {
    const values = tpeValues(space, trials, { seed: 5, i, higherIsBetter: true });
    const { lr, "options.width": width, "options.dropout": dropout } = values as Record<string, number>;
    ok(lr >= 1e-5 && lr <= 1 && dropout >= 0 && dropout <= 1);
    ok(values.method === "b" ? Number.isInteger(width) && width >= 1 && width <= 64 : width === undefined);
    trials.push({ values, score: i % 7 === 0 ? null : -loss(values) });
  }
});

Deno.test("the first trials are the random ones, and the same trials before give the same next one", () => {
  const before: Scored[] = [];
  for (let i = 0; i < STARTUP; i++) {
    const values = tpeValues(space, before, { seed: 3, i, higherIsBetter: false });
    deepEqual(values, randomValues(space, 3, i));
    before.push({ values, score: loss(values) });
  }
  const next = () => tpeValues(space, before, { seed: 3, i: STARTUP, higherIsBetter: false });
  deepEqual(next(), next());
});

Deno.test("the best 15 % of the trials are good, and failed ones never are", () => {
  const trials = [0.3, null, 0.9, 0.1, 0.5, 0.6, null].map((score, i) => ({ values: { i }, score }));
  const numbers = (higherIsBetter: boolean) =>
    divided(trials, higherIsBetter).map((some) => some.map(({ values }) => values.i));
  deepEqual(numbers(true), [[2, 5], [4, 0, 3, 1, 6]]);
  deepEqual(numbers(false), [[3, 0], [4, 5, 2, 1, 6]]);
});

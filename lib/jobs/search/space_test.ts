import { deepEqual, equal, ok, throws } from "../../testing/assert.ts";
import { type SearchConfig, searchConfig } from "../../config/mod.ts";
import { random } from "../../random.ts";
import { parseWith } from "../../schema.ts";
import { draw, readDomain } from "./domain.ts";
import { randomValues, readSpace, trialConfig } from "./space.ts";

const config = (search: Record<string, unknown>, changes: Record<string, unknown> = {}): SearchConfig =>
  parseWith(searchConfig, { search, ...changes }, "the test");

Deno.test("a plain list of two numbers is a range, any other a choice, and forms say it outright", () => {
  const read = (value: unknown) => readDomain("x", value, { integer: false });
  const range = { kind: "number", low: 0, high: 0.5, log: false, integer: false } as const;
  deepEqual(read([0, 0.5]), range);
  deepEqual(read({ range: [0, 0.5] }), range);
  deepEqual(read({ log: [0.1, 1] }), { ...range, low: 0.1, high: 1, log: true });
  deepEqual(read([1, 2, 4]), { kind: "choice", values: [1, 2, 4] });
  deepEqual(read(["a", "b"]), { kind: "choice", values: ["a", "b"] });
  deepEqual(read({ choose: [0, 0.5] }), { kind: "choice", values: [0, 0.5] });
});

Deno.test("what can't be read is refused with the forms", () => {
  for (
    const value of [
      3,
      "a",
      {},
      { log: [0, 1] },
      { range: [2, 1] },
      { range: [1] },
      { log: ["a", 1] },
      [],
      ["a"],
      [
        "a",
        "a",
      ],
      { range: [0, 1], log: [1, 2] },
      { uniform: [0, 1] },
      null,
    ]
  ) {
    throws(() => readDomain("x", value, { integer: false }), /search\.x/);
  }
  throws(() => readDomain("x", [1, 2.5], { integer: true }), /whole numbers/);
});

Deno.test("draws fill a range evenly on its scale, and whole numbers alike often", () => {
  const stream = random(1), many = 20_000;
  const shares = (domain: Parameters<typeof draw>[0], isIn: (value: number) => boolean) =>
    Array.from({ length: many }, () => draw(domain, stream) as number).filter(isIn).length / many;
  const log = readDomain("x", { log: [1e-4, 1] }, { integer: false });
  ok(Math.abs(shares(log, (x) => x < 1e-2) - 0.5) < 0.02);
  const whole = readDomain("x", [1, 4], { integer: true });
  for (const n of [1, 2, 3, 4]) ok(Math.abs(shares(whole, (x) => x === n) - 0.25) < 0.02);
});

Deno.test("a trial depends on the seed and its number alone, and another option does not change it", () => {
  const lr = { log: [1e-4, 1e-2] }, one = readSpace(config({ lr }));
  const two = readSpace(config({ lr, weight_decay: [0, 0.1] }));
  deepEqual(randomValues(one, 1, 7), randomValues(readSpace(config({ lr })), 1, 7));
  equal(randomValues(one, 1, 7).lr, randomValues(two, 1, 7).lr);
  ok(randomValues(one, 1, 7).lr !== randomValues(one, 1, 8).lr);
  ok(randomValues(one, 1, 7).lr !== randomValues(one, 2, 7).lr);
});

Deno.test("an option that only some methods have counts for these alone, and the search says so", () => {
  const given = config({ method: ["memocmt", "late_fusion"], "options.heads": { choose: [2, 4] } });
  const space = readSpace(given);
  ok(
    space.notes.some((note) => note === "options.heads: one of 2, 4; only memocmt has it"),
    space.notes.join(),
  );
  for (let i = 0; i < 10; i++) {
    const values = randomValues(space, 1, i);
    equal("options.heads" in values, values.method === "memocmt");
    deepEqual(
      trialConfig(given, values).options,
      values.method === "memocmt" ? { heads: values["options.heads"] } : {},
    );
  }
});

Deno.test("whole numbers are known from the option, and wrong spaces are refused before any work", () => {
  const [{ domain }] = readSpace(config({ batch_size: [16, 64] })).parameters;
  ok(domain.kind === "number" && domain.integer);
  const refused: [Record<string, unknown>, RegExp, Record<string, unknown>?][] = [
    [{}, /options to search/],
    [{ lrr: [0, 1] }, /Did you mean lr/],
    [{ seed: [1, 5] }, /share it/],
    [{ select: ["accuracy", "macro_f1"] }, /compares trials by/],
    [{ text: ["use-lite", "hash"] }, /same prepared data/],
    [{ options: [0, 1] }, /options\.dropout/],
    [{ "options.dropuot": [0, 0.5] }, /Did you mean dropout/],
    [{ "options.dropout": [0, 1.5] }, /dropout/],
    [{ lr: [0, 1] }, /lr/],
    [{ method: ["memocmt", "memocnt"] }, /memocmt/],
    [{ method: [1, 2] }, /names of methods/],
    [{ epochs: [1, 5] }, /rungs are epochs/, { strategy: "asha" }],
  ];
  for (const [search, sentence, changes] of refused) {
    throws(() => readSpace(config(search, changes)), sentence);
  }
});

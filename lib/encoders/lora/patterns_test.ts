/** Names match as in peft; expected values are derived from its rules by hand. */
import { deepEqual, ok, throws } from "../../testing/assert.ts";
import { match, targeted, valuesOf } from "./patterns.ts";

const layers = [0, 1, 12].flatMap((i) =>
  ["attention.self.query", "attention.self.value", "attention.output.dense", "output.dense"]
    .map((name) => `encoder.layer.${i}.${name}`)
);
const base = {
  target_modules: ["query"] as string[] | string,
  exclude_modules: [] as string[] | string,
  layers_to_transform: undefined as number | number[] | undefined,
  layers_pattern: [] as string[],
  modules_to_save: [] as string[],
};
const chosen = (changes: Partial<typeof base>) =>
  targeted(layers, { ...base, ...changes }, (name) => !name.endsWith("value"), "here")
    .map((name) => name.replace("encoder.layer.", "").replace("attention.", ""));

Deno.test("targets are ends of names, whole names, an expression, or all that is linear", () => {
  deepEqual(chosen({}), ["0.self.query", "1.self.query", "12.self.query"]);
  deepEqual(chosen({ target_modules: ["uery"] }), []);
  deepEqual(chosen({ target_modules: ["attention.output.dense"] }), [
    "0.output.dense",
    "1.output.dense",
    "12.output.dense",
  ]);
  deepEqual(chosen({ target_modules: ["encoder.layer.1.output.dense"] }), ["1.output.dense"]);
  deepEqual(chosen({ target_modules: String.raw`.*\.1\.attention\.self\.(?P<which>query|value)` }), [
    "1.self.query",
    "1.self.value",
  ]);
  deepEqual(chosen({ target_modules: "query" }), [], "an expression matches the whole name");
  deepEqual(chosen({ target_modules: "All-Linear" }).length, 9);
});

Deno.test("layers are excluded by name, by number, and if they are saved whole", () => {
  deepEqual(chosen({ exclude_modules: ["layer.1.attention.self.query"] }), ["0.self.query", "12.self.query"]);
  deepEqual(chosen({ exclude_modules: String.raw`.*\.1\d?\..*` }), ["0.self.query"]);
  deepEqual(chosen({ exclude_modules: "query" }).length, 3);
  deepEqual(chosen({ layers_to_transform: 12 }), ["12.self.query"]);
  deepEqual(chosen({ layers_to_transform: [0, 1] }), ["0.self.query", "1.self.query"]);
  deepEqual(chosen({ layers_to_transform: [] }).length, 3);
  deepEqual(chosen({ layers_to_transform: [0], layers_pattern: ["h", "layer"] }), ["0.self.query"]);
  deepEqual(chosen({ layers_to_transform: [0], layers_pattern: ["h"] }), []);
  const full = ["encoder.layer.1.output.dense", "query"];
  deepEqual(chosen({ target_modules: full, layers_to_transform: [0] }), ["0.self.query", "1.output.dense"]);
  deepEqual(chosen({ modules_to_save: ["query"] }), []);
});

Deno.test("the first pattern that matches a name's end counts; peft matched differently before 0.15", () => {
  const names = ["encoder.layer.0.query", "encoder.layer.1.query", "query"];
  const values = (patterns: Record<string, number>, peft_version?: string) =>
    valuesOf(patterns, names, 8, { peft_version }, "here");
  deepEqual(values({}), [[8], [8], [8]]);
  deepEqual(values({ query: 2 }), [[2], [2], [2]], "the whole name counts, too");
  deepEqual(values({ "uery": 2 }), [[8], [8], [8]]);
  deepEqual(values({ [String.raw`layer\.0\.query`]: 2, "layer.\\d.query": 3 }), [[2], [3], [8]]);
  deepEqual(values({ "encoder.layer.1.query": 2 }), [[8], [2], [8]]);
  deepEqual(values({ "encoder.*": 2 }), [[8, 2], [8, 2], [8]]);
  deepEqual(values({ "encoder.*": 2 }, "0.17.1"), [[2], [2], [8]]);
});

Deno.test("Python's escapes and named groups are read; other patterns, and endless ones, are refused", () => {
  deepEqual(match([String.raw`a\-b\_c\ d`], ["a-b_c d"], "here"), [[["a-b_c d"]]]);
  deepEqual(match([String.raw`(?P<x>a|b)(?P=x)$`], ["aa", "ab"], "here"), [[["aa", "a"], null]]);
  deepEqual(match(["b"], ["ab"], "here"), [[null]], "from the start");
  for (const pattern of [String.raw`\Aa`, String.raw`a\Z`, "(?i)a", "a{,3}", "a++", "(?#x)a", "(", "*"]) {
    throws(() => match([pattern], ["a"], "here"), /that mean the same in Python and JavaScript/, pattern);
  }
  const began = performance.now(), long = "a".repeat(60) + "!";
  throws(
    () => match(["(a+)+$"], [long], "here"),
    /JavaScript but found others \(Script execution timed out/,
  );
  ok(performance.now() - began < 10_000);
});

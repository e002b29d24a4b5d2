import { deepEqual, equal, throws } from "../testing/assert.ts";
import { requirePrefixes, resolveGroups, trainable, underPrefix } from "./groups.ts";

const params = {
  "text.layer.0.weight": { shape: [4, 4] },
  "text.layer.0.bias": { shape: [4] },
  "text.norm.weight": { shape: [4] },
  "text_pool.score.bias": { shape: [1, 4] },
  "head.weight": { shape: [2, 4] },
};

Deno.test("the longest prefix decides, biases and norms do not decay", () => {
  const groups = [
    { prefix: "", lr: 3, weightDecay: 0.3 },
    { prefix: "text", lr: 1, weightDecay: 0.1 },
    { prefix: "text.norm", lr: 2, weightDecay: 0.2 },
  ];
  const resolved = resolveGroups(params, groups);
  deepEqual(
    Object.entries(resolved).map(([name, { lr, weightDecay }]) => [name, lr, weightDecay]),
    [
      ["text.layer.0.weight", 1, 0.1],
      ["text.layer.0.bias", 1, 0],
      ["text.norm.weight", 2, 0],
      ["text_pool.score.bias", 3, 0],
      ["head.weight", 3, 0.3],
    ],
  );
});

Deno.test("prefixes are whole segments", () => {
  equal(underPrefix("text.layer", "text"), true);
  equal(underPrefix("text_pool.score", "text"), false);
  equal(underPrefix("text", "text"), true);
});

Deno.test("a prefix without parameters and a parameter without a group are refused", () => {
  const group = (prefix: string) => ({ prefix, lr: 1, weightDecay: 0 });
  throws(() => resolveGroups(params, [group(""), group("haed")]), /found 'haed' at .*Did you mean 'head'\?/);
  throws(
    () => resolveGroups(params, [group("text"), group("head")]),
    /no group for 'text_pool\.score\.bias'/,
  );
});

Deno.test("a typo below a prefix's first segment gets the nearest name, or what may be there", () => {
  const names = ["text.embeddings.word.weight", "text.layer.0.query.weight", "text.layer.1.query.weight"];
  const advice = (prefix: string, sentence: RegExp) =>
    throws(() => requirePrefixes([prefix], [...names, "head.w", "text", "audio"], "the plan"), sentence);
  advice("text.embedings", /found 'text\.embedings' at the plan\. Did you mean 'text\.embeddings'\?/);
  advice("txet.layer.1.qury", /Did you mean 'text\.layer\.1\.query'\?/);
  advice("text.layer.12", /After 'text\.layer\.' comes one of 0, 1\./);
  advice("text.pooling", /After 'text\.' comes one of embeddings, layer\./);
  advice("audio.layer.0", /No parameter stands below 'audio'\. Leave 'audio\.layer\.0' out\./);
  advice("zebra", /Parameters start with text, head, audio\./);
});

const names = ["text.w", "audio.w", "head.w", "head.b"];

Deno.test("each epoch trains the parameters of its phase, and the last phase continues", () => {
  const plan = [{ epochs: 2, train: ["text", "audio", "head"] }, { epochs: 1, train: ["head"] }];
  deepEqual([0, 1, 2, 3].map((epoch) => trainable(plan, names, epoch)), [
    names,
    names,
    ["head.w", "head.b"],
    ["head.w", "head.b"],
  ]);
});

Deno.test("no plan trains everything", () => deepEqual(trainable([], names, 7), names));

Deno.test("a prefix that matches no name is refused in every phase", () => {
  const plan = [{ epochs: 1, train: ["head"] }, { epochs: 1, train: ["head", "audoi"] }];
  throws(() => trainable(plan, names, 0), /found 'audoi' at the freeze plan\. Did you mean 'audio'\?/);
});

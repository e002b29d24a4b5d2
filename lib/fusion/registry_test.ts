import { z } from "zod";
import * as assert from "../testing/assert.ts";
import { UndertoneError } from "../errors.ts";
import { linearInit, linearLayer, maskedMean, shapesOf } from "../nn/mod.ts";
import { optionsOf, parseWith } from "../schema.ts";
import { trainConfig } from "../config/train.ts";
import { type FusionMethod, fusionMethod, fusionMethods, registerFusionMethod } from "./mod.ts";
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../compute/mod.ts";

Deno.test("finds heads by name and alias, refuses others with the nearest", () => {
  for (const method of fusionMethods) assert.equal(fusionMethod(method.id), method);
  assert.equal(fusionMethod("gmu").id, "gated_multimodal_unit");
  assert.equal(fusionMethod("lmf").id, "low_rank_fusion");
  assert.throws(
    () => fusionMethod("memocnt"),
    { message: "Expected a fusion method but found 'memocnt' at --method. Did you mean memocmt?" },
  );
  assert.throws(
    () => fusionMethod("toString", "config.json"),
    /'toString' at config\.json\. Known are text_only, /,
  );
});

Deno.test("every option has a description, and all but an optional width have a default", () => {
  for (const { id, options, summary } of fusionMethods) {
    assert.ok(summary.endsWith("."), id);
    for (const option of optionsOf(options)) {
      assert.ok(option.description.endsWith("."), `${id} ${option.key}`);
      if (`${id} ${option.key}` !== "memocmt width") {
        assert.notEqual(option.default, undefined, `${id} ${option.key}`);
      }
    }
  }
});

Deno.test("options have defaults, and an error names the wrong option", () => {
  const parse = (id: string, value: unknown) => parseWith(fusionMethod(id).options, value, "options");
  assert.deepEqual(parse("memocmt", {}), {
    aggregation: "min",
    heads: 4,
    hidden: 128,
    dropout: 0.1,
    input_dropout: 0.3,
  });
  assert.deepEqual(parse("lmf", {}), { rank: 4, dropout: 0.1, input_dropout: 0.3 });
  assert.throws(
    () => parse("memocmt", { agregation: "max" }),
    /found 'agregation' .* Did you mean aggregation\?/,
  );
  assert.throws(
    () => parse("memocmt", { aggregation: "mine" }),
    /one of min, max, mean, cls but found "mine"/,
  );
  assert.throws(() => parse("text_only", { dropout: 1 }), /less than 1 but found 1 at dropout/);
  for (const id of ["fine_grained", "memocmt"]) {
    assert.throws(
      () => parse(id, { width: 30 }),
      /Expected a width that the number of heads divides but found 30 at width/,
    );
  }
});

Deno.test("memocmt uses the encoders' shared width, and refuses one that its heads do not divide", () => {
  const { init, options } = fusionMethod("memocmt");
  const names = (text: number, audio: number, given = {}) =>
    Object.keys(init(options.parse(given), { text, audio, classes: 2 }, 1)).filter((name) =>
      name.includes("_proj.w")
    );
  const projections = (...args: Parameters<typeof names>) =>
    names(...args).filter((name) => /^(text|audio)_proj/.test(name));
  assert.deepEqual(projections(16, 16), []);
  assert.deepEqual(projections(16, 12), ["text_proj.weight", "audio_proj.weight"]);
  assert.deepEqual(projections(16, 12, { width: 16 }), ["audio_proj.weight"]);
  assert.deepEqual(projections(16, 16, { width: 8 }), ["text_proj.weight", "audio_proj.weight"]);
  assert.throws(() => names(30, 30), /found width 30 and 4 heads at the options of memocmt/);
});

Deno.test("shapes of a head are known without creating it, whatever the sizes", async () => {
  await useEngine({ engine: "cpu" });
  for (const method of fusionMethods) {
    const options = parseWith(method.options, {}, method.id) as Record<string, unknown>;
    const sizes = { text: 8, audio: 4, classes: 3 }, live = tf.memory().numTensors;
    const shapes = shapesOf(() => method.init(options, sizes, 1));
    shapesOf(() => method.init(options, { text: 1e9, audio: 1e9, classes: 1e9 }, 1));
    assert.equal(tf.memory().numTensors, live);
    const made = method.init(options, sizes, 1);
    assert.deepEqual(
      shapes,
      Object.fromEntries(Object.entries(made).map(([name, { shape }]) => [name, { shape }])),
    );
  }
});

const plain: FusionMethod = {
  id: "plain",
  summary: "The mean text state, classified.",
  modalities: ["text"],
  options: z.strictObject({ rate: z.number().default(0.5).describe("A rate.") }),
  init: (_, { text, classes }, seed) => linearInit(seed, "classifier", text, classes),
  apply: (params, { text, textMask }) => ({
    logits: linearLayer(params, "classifier", maskedMean(text, textMask)),
  }),
};

Deno.test("a registered method is found by name, listed and shown in help at once", () => {
  const described = () => optionsOf(trainConfig).find(({ key }) => key === "method")!.description;
  assert.ok(!described().includes("mine"));
  const mine = registerFusionMethod({ ...plain, id: "mine" });
  assert.equal(fusionMethod("mine"), mine);
  assert.equal(fusionMethods.at(-1), mine);
  assert.match(described(), /, mine\.$/);
  assert.throws(() => fusionMethod("mime"), /Did you mean mine\?$/);
});

Deno.test("an id can be registered once; `replace` replaces a user's method but never a built-in one", () => {
  const first = registerFusionMethod({ ...plain, id: "once" }), count = fusionMethods.length;
  assert.throws(
    () => registerFusionMethod({ ...plain, id: "once" }),
    /^.*'once', which is registered already at its registration\. Choose another id, or pass \{ replace: true \}/,
  );
  assert.equal(fusionMethod("once"), first);
  const second = registerFusionMethod({ ...plain, id: "once" }, { replace: true });
  assert.equal(fusionMethod("once"), second);
  assert.equal(fusionMethods.length, count);
  for (const id of ["memocmt", "gmu"]) {
    assert.throws(
      () => registerFusionMethod({ ...plain, id }, { replace: true }),
      /, which is built in at its registration\. Choose another id\.$/,
    );
  }
});

Deno.test("sizes that would fill the memory are refused", () => {
  for (const { id, options } of fusionMethods) {
    for (const { key } of optionsOf(options).filter(({ key }) => ["width", "hidden", "rank"].includes(key))) {
      assert.throws(
        () => parseWith(options, { [key]: 1e9 }, id),
        /Expected at most 1\d+ but found 1000000000/,
      );
    }
  }
});

/** Records that are not fusion methods, each with its error message. */
const refused: [unknown, RegExp][] = [
  [undefined, /^Expected a record of id, .* but found nothing at registerFusionMethod\. /],
  [{ ...plain, id: undefined }, /^Expected an id of .* but found nothing at registerFusionMethod\. /],
  [{ ...plain, id: "My Head" }, /^Expected an id of lower-case letters.* but found "My Head" /],
  [{ ...plain, summary: "" }, /^Expected a summary of one line but found "" at the fusion method 'plain'\. /],
  [{ ...plain, modalities: ["speech"] }, /^Expected modalities that are 'text'.* but found \["speech"\] /],
  [{ ...plain, modalities: [] }, /but found \[\] at/],
  [{ ...plain, modalities: ["text", "text"] }, /but found \["text","text"\] at/],
  [
    { ...plain, options: { rate: 0.5 } },
    /^Expected options that are a zod schema but found \{"rate":0\.5\} /,
  ],
  [
    { ...plain, options: z.strictObject({ rate: z.number() }) },
    /^Expected options that all have a default but found rate: .* Give every option a \.default\(…\)/,
  ],
  [
    { ...plain, options: z.strictObject({ at: z.date().optional() }) },
    /^Expected options that JSON can hold /,
  ],
  [{ ...plain, init: undefined }, /^Expected a function init but found nothing at .* Add init\(/],
  [{ ...plain, apply: 3 }, /^Expected a function apply but found 3 at .* Add apply\(/],
];
for (const [record, message] of refused) {
  Deno.test(`refused in a sentence: ${message.source}`, () => {
    const count = fusionMethods.length;
    assert.throws(
      () => registerFusionMethod(record as FusionMethod),
      (error: Error) =>
        error instanceof UndertoneError && error.code === "input" && message.test(error.message),
    );
    assert.equal(fusionMethods.length, count);
  });
}

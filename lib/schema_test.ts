import { deepEqual, equal, ok, throws } from "./testing/assert.ts";
import { z } from "zod";
import { optionsOf, parseFacts, parseKept, parseWith } from "./schema.ts";

const schema = z.strictObject({
  batch_size: z.int().min(1).default(32).describe("Rows in a batch."),
  schedule: z.enum(["linear", "cosine"]).default("linear").describe("Shape of the rate."),
  freeze: z.array(z.strictObject({ epochs: z.int(), train: z.array(z.string()) })).default([]).describe(
    "Plan.",
  ),
});
const message = (value: unknown) => {
  try {
    parseWith(schema, value, "config.json");
  } catch (error) {
    return (error as Error).message;
  }
};

Deno.test("defaults are filled in", () => {
  deepEqual(parseWith(schema, {}, "config.json"), { batch_size: 32, schedule: "linear", freeze: [] });
});

Deno.test("an unknown key is refused with the nearest name, nested too", () => {
  equal(
    message({ batchsize: 3 }),
    "Expected a known option but found 'batchsize' at config.json. Did you mean batch_size?",
  );
  equal(
    message({ freeze: [{ epoch: 1, train: [] }] }),
    "Expected a known option but found 'freeze.0.epoch' at config.json. Did you mean freeze.0.epochs?",
  );
});

Deno.test("a wrong value is named with its place and the allowed values", () => {
  equal(
    message({ batch_size: 0 }),
    "Expected at least 1 but found 0 at batch_size (config.json). Change the value.",
  );
  equal(
    message({ schedule: "cosin" }),
    'Expected one of linear, cosine but found "cosin" at schedule (config.json). Did you mean cosine?',
  );
  throws(
    () => parseWith(schema, { batch_size: 1.5 }, "x"),
    /Expected a whole number but found 1.5 at batch_size/,
  );
});

Deno.test("errors name types and missing values in plain English", () => {
  equal(message([]), "Expected an object but found [] at config.json. Change the value.");
  equal(message({ freeze: 3 }), "Expected a list but found 3 at freeze (config.json). Change the value.");
  equal(
    message({ freeze: [{ epochs: 1 }] }),
    "Expected a value for freeze.0.train but found nothing at config.json. Add freeze.0.train.",
  );
});

Deno.test("options carry type, choices, default and description", () => {
  deepEqual(optionsOf(schema)[1], {
    key: "schedule",
    type: "string",
    choices: ["linear", "cosine"],
    default: "linear",
    description: "Shape of the rate.",
  });
});

Deno.test("no error advises to edit a file that describes weights", () => {
  const facts = z.object({
    act: z.enum(["gelu", "relu"]),
    wide: z.literal(false).default(false),
    width: z.int(),
  });
  const said = (value: unknown, text: string) =>
    throws(() => parseFacts(facts, value, "config.json"), { message: text });
  const ANOTHER = "The weights need this value, which is not supported here: choose another model.";
  const AGAIN = "The file is damaged or belongs to other weights: fetch it again.";
  said(
    { act: "gelo", width: 1 },
    `Expected one of gelu, relu but found "gelo" at act (config.json). ${ANOTHER}`,
  );
  said(
    { act: "gelu", width: 1, wide: true },
    `Expected false but found true at wide (config.json). ${ANOTHER}`,
  );
  said({ act: "gelu" }, `Expected a value for width but found nothing at config.json. ${AGAIN}`);
  said({ act: "gelu", width: "1" }, `Expected a number but found "1" at width (config.json). ${AGAIN}`);
  deepEqual(parseFacts(facts, { act: "relu", width: 3 }, "config.json"), {
    act: "relu",
    width: 3,
    wide: false,
  });
});

Deno.test("a value of any size or depth is shown in brief", () => {
  ok(message("x".repeat(1e6))!.length < 400);
  const deep = (depth: number) => message(JSON.parse("[".repeat(depth) + "]".repeat(depth)))!;
  for (const depth of [1000, 400_000]) ok(deep(depth).length < 400);
});

Deno.test("no error advises to edit a checkpoint", () => {
  const kept = z.strictObject({ labels: z.array(z.string()), select: z.enum(["loss", "accuracy"]) });
  for (const value of [{ labels: [1], select: "loss" }, { labels: [], select: "los" }, { label: [] }, null]) {
    throws(
      () => parseKept(kept, value, "run.safetensors"),
      /^UndertoneError: Expected .* at .*run\.safetensors\)?\. The file was edited, or another version .* of Undertone\.$/,
    );
  }
});

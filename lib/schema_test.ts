import { deepEqual, equal, throws } from "./testing/assert.ts";
import { z } from "zod";
import { optionsOf, parseWith } from "./schema.ts";

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

Deno.test("a wrong value is named with its place and what would do", () => {
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

Deno.test("types and what is missing are said as a person says them", () => {
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

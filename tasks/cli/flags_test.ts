import { deepEqual, equal, throws } from "../../lib/testing/assert.ts";
import { z } from "zod";
import { asksForHelp, parseFlags, readFlags, splitWords } from "./flags.ts";

const schema = z.strictObject({
  batch_size: z.int().min(1).default(32).describe("Rows."),
  standardize: z.boolean().default(true).describe("Scale."),
  methods: z.array(z.string()).default(["all"]).describe("Heads."),
  options: z.record(z.string(), z.unknown()).default({}).describe("Of the method."),
  text: z.string().optional().describe("Text."),
});

Deno.test("dashes and underscores, spaces and equals signs are the same", () => {
  for (const args of [["--batch-size", "16"], ["--batch_size=16"], ["--batch-size=16"]]) {
    equal(parseFlags(schema, args).batch_size, 16);
  }
});

Deno.test("booleans, lists, options of a record", () => {
  const flags = parseFlags(schema, [
    "--no-standardize",
    "--methods=a,b",
    "--options.d=64",
    "--options.pooling",
    "mean",
  ]);
  deepEqual(flags, {
    batch_size: 32,
    standardize: false,
    methods: ["a", "b"],
    options: { d: 64, pooling: "mean" },
  });
});

Deno.test("a boolean in an object needs no value", () => {
  const nested = z.strictObject({
    context: z.strictObject({ past: z.int().default(0), speakers: z.boolean().default(false) }).optional(),
  });
  const given = (...args: string[]) => parseFlags(nested, args).context;
  deepEqual(given("--context.speakers", "--context.past", "3"), { past: 3, speakers: true });
  deepEqual(given("--context.past=3", "--context.speakers=false"), { past: 3, speakers: false });
  throws(() => given("--context.past"), /Expected a value after --context/);
});

Deno.test("a list may be given at once or by repeated flags", () => {
  const lists = [["--methods=a,b"], ["--methods", "a", "--methods=b"], ['--methods=["a"]', "--methods", "b"]];
  for (const args of lists) deepEqual(parseFlags(schema, args).methods, ["a", "b"]);
});

Deno.test("text may hold spaces, equals signs, numbers and a single dash", () => {
  equal(parseFlags(schema, ["--text", "1 + 1 = 2"]).text, "1 + 1 = 2");
  equal(parseFlags(schema, ["--text=a=b"]).text, "a=b");
  equal(parseFlags(schema, ["--text", "42"]).text, "42");
  equal(parseFlags(schema, ["--text", "- no"]).text, "- no");
});

Deno.test("only the given flags are read", () => deepEqual(readFlags(schema, ["--text=x"]), { text: "x" }));

Deno.test("mistakes are sentences with the nearest name", () => {
  throws(
    () => parseFlags(schema, ["--batchsize", "3"]),
    /found --batchsize at .* Did you mean --batch-size\?/,
  );
  throws(() => parseFlags(schema, ["--batch-size"]), /a value after --batch-size but found nothing/);
  throws(() => parseFlags(schema, ["--batch-size", "--text"]), /a value after --batch-size but found --text/);
  throws(() => parseFlags(schema, ["--batch-size=many"]), /found "many" at --batch-size/);
  throws(() => parseFlags(schema, ["train.csv"]), /found 'train.csv'/);
  throws(() => parseFlags(schema, ["-x"]), /Expected a known flag but found -x at/);
  throws(() => parseFlags(schema, ["--text="]), /a value after --text but found nothing/);
  throws(
    () => parseFlags(schema, ["--standardize", "--no-standardize"]),
    /--no-standardize once but found it twice/,
  );
  throws(
    () => parseFlags(schema, ["--batch_size=1", "--batch-size=2"]),
    /--batch-size once but found it twice/,
  );
});

Deno.test("--help and -h both ask for help", () => {
  equal(asksForHelp(["--text", "x", "-h"]), true);
  equal(asksForHelp(["--help"]), true);
  equal(asksForHelp(["--text=help"]), false);
});

Deno.test("words may stand anywhere between the flags", () => {
  deepEqual(splitWords(schema, ["add", "--standardize", "a/b", "--text", "c", "--batch-size=3"]), {
    words: ["add", "a/b"],
    rest: ["--standardize", "--text", "c", "--batch-size=3"],
  });
});

Deno.test("a flag of an older version is refused with its new name", () => {
  const known = z.strictObject({ gradient_checkpointing: z.boolean().default(false) });
  throws(() => parseFlags(known, ["--checkpointing"]), /Did you mean --gradient-checkpointing\?/);
});

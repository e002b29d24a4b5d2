import { equal } from "node:assert/strict";
import { badInput, nearest, UndertoneError } from "./errors.ts";

Deno.test("bad input is one sentence in four parts, and the user's", () => {
  const error = badInput({ expected: "a file", found: "nothing", at: "x.csv", todo: "Check the path." });
  equal(error.message, "Expected a file but found nothing at x.csv. Check the path.");
  equal(error.code, "input");
  equal(error instanceof UndertoneError, true);
});

Deno.test("nearest finds what was meant, and nothing where nothing is near", () => {
  equal(nearest("memocnt", ["memocmt", "early_fusion"]), "memocmt");
  equal(nearest("epoch", ["epochs", "batch_size"]), "epochs");
  equal(nearest("zzzz", ["memocmt", "early_fusion"]), undefined);
});

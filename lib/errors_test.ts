import { equal, throws } from "./testing/assert.ts";
import { badInput, few, nearest, requireKnown, UndertoneError } from "./errors.ts";

Deno.test("badInput makes one message of four parts, with the code 'input'", () => {
  const error = badInput({ expected: "a file", found: "nothing", at: "x.csv", todo: "Check the path." });
  equal(error.message, "Expected a file but found nothing at x.csv. Check the path.");
  equal(error.code, "input");
  equal(error instanceof UndertoneError, true);
});

Deno.test("nearest finds the closest name, or undefined if none is close", () => {
  equal(nearest("memocnt", ["memocmt", "early_fusion"]), "memocmt");
  equal(nearest("epoch", ["epochs", "batch_size"]), "epochs");
  equal(nearest("ANGER", ["joy", "anger"]), "anger");
  equal(nearest("f1", ["kl", "mse"]), undefined); // another word, not a typo
  equal(nearest("f1", ["kl", "f2"]), "f2");
  equal(nearest("zzzz", ["memocmt", "early_fusion"]), undefined);
});

Deno.test("a known name passes, an unknown one is refused with the nearest", () => {
  equal(requireKnown("a fruit", "pear", ["pear", "plum"], "--fruit"), "pear");
  throws(() => requireKnown("a fruit", "paer", ["pear", "plum"], "--fruit"), /Did you mean pear\?/);
  throws(() => requireKnown("a fruit", "zebra", ["pear", "plum"], "--fruit"), /Choose one of pear, plum\./);
});

Deno.test("a list names the first three, shortens long names, and counts the rest", () => {
  equal(few(["a", "b"]), "'a', 'b'");
  equal(few(["a", "b", "c", "d", "e"]), "'a', 'b', 'c' and 2 more");
  equal(few(["x".repeat(300)]).length, 102);
});

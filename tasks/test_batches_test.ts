import { equal } from "../lib/testing/assert.ts";
import { countsOf, dealt } from "./test_batches.ts";

Deno.test("every file is in one batch, and neighbours are in different ones", () => {
  equal(dealt(["a", "b", "c", "d", "e"], 2), [["a", "c", "e"], ["b", "d"]]);
  equal(dealt(["a"], 3), [["a"]]);
});

Deno.test("counts come from Deno's last summary, with steps and colours or without", () => {
  equal(
    countsOf("ok | 1 passed | 0 failed (1s)\nFAILED | 12 passed (3 steps) | 2 failed | 4 ignored (3s)\n"),
    {
      passed: 12,
      failed: 2,
      ignored: 4,
    },
  );
  equal(countsOf("\u001b[32mok\u001b[0m | 7 passed | 0 failed \u001b[38;5;245m(3s)\u001b[0m"), {
    passed: 7,
    failed: 0,
    ignored: 0,
  });
  equal(countsOf("Segmentation fault"), { passed: 0, failed: 0, ignored: 0 });
});

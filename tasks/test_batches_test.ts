import { deepEqual } from "../lib/testing/assert.ts";
import { countsOf, dealt } from "./test_batches.ts";

Deno.test("every file is in one batch, and neighbours are in different ones", () => {
  deepEqual(dealt(["a", "b", "c", "d", "e"], 2), [["a", "c", "e"], ["b", "d"]]);
  deepEqual(dealt(["a"], 3), [["a"]]);
});

Deno.test("counts come from Deno's last summary, with steps and colours or without", () => {
  deepEqual(
    countsOf("ok | 1 passed | 0 failed (1s)\nFAILED | 12 passed (3 steps) | 2 failed | 4 ignored (3s)\n"),
    {
      passed: 12,
      failed: 2,
      ignored: 4,
    },
  );
  deepEqual(countsOf("\u001b[32mok\u001b[0m | 7 passed | 0 failed \u001b[38;5;245m(3s)\u001b[0m"), {
    passed: 7,
    failed: 0,
    ignored: 0,
  });
  deepEqual(countsOf("Segmentation fault"), { passed: 0, failed: 0, ignored: 0 });
});

import { deepEqual } from "../lib/testing/assert.ts";
import { batchesOf, countsOf } from "./test_batches.ts";

Deno.test("every folder is in one batch, large ones first, and small ones together", () => {
  const folder = (path: string, tests: number) => ({ path, tests, subfolders: [] });
  const batches = batchesOf([folder("a", 3), folder("b", 40), folder("c", 0), folder("d", 23)]);
  deepEqual(batches.map((batch) => batch.map(({ path }) => path)), [["b"], ["d", "c"], ["a"]]);
});

Deno.test("a folder is in no batch that leaves out the folder above it", () => {
  const tree = [
    { path: "a", tests: 9, subfolders: ["a/b"] },
    { path: "a/b", tests: 20, subfolders: ["a/b/c"] },
    { path: "a/b/c", tests: 1, subfolders: [] },
  ];
  deepEqual(batchesOf(tree).map((batch) => batch.map(({ path }) => path)), [["a/b", "a/b/c"], ["a"]]);
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

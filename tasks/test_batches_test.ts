import { deepEqual, equal, match } from "../lib/testing/assert.ts";
import { countsOf, failureIn, testInBatches } from "./test_batches.ts";

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

Deno.test("failures are printed again before the sum; of a process that dies, its last lines", async () => {
  const folder = await Deno.makeTempDir({ prefix: "undertone" });
  await Deno.writeTextFile(
    `${folder}/bad_test.ts`,
    `Deno.test("bad one", () => { throw new Error("why"); }); globalThis.name = "not shared";`,
  );
  await Deno.writeTextFile(`${folder}/dead_test.ts`, `Deno.kill(Deno.pid, "SIGKILL");`);
  const lines: string[] = [], log = console.log;
  console.log = (line: string) => lines.push(line);
  const { code } = await testInBatches([folder], ["--allow-run"]).finally(() => console.log = log);
  equal(code, 1);
  const [again, sum] = lines.slice(-2);

  match(again, /^\nThe failures once more:\n\n[^]*bad one => .*bad_test.ts:1:6\nerror: Error: why\n/);
  match(again, /deno test .*dead_test.ts ended with 137:\n/);
  match(sum, /^\nFAILED \| 0 passed \| /);
});

Deno.test("a run without failures has none to show", () => {
  equal(failureIn("running 1 test from ./a_test.ts\nok | 1 passed | 0 failed (1s)\n"), undefined);
});

import { fileURLToPath } from "node:url";
import { deepEqual, equal } from "./assert.ts";
import { skippedTests } from "./skipped.ts";

const folder = await Deno.makeTempDir({ prefix: "undertone" });
await Deno.writeTextFile(
  `${folder}/some_test.ts`,
  `import { testWith } from "${new URL("needs.ts", import.meta.url)}";
  testWith("cpu", "it is here", () => {});
  for (const each of ["one", "another"]) testWith(["cpu", "shared/no/such file"], each, () => { throw 1; });
  testWith("shared/none", { name: "a third (of its kind)", fn() { throw 1; } });
  Deno.test({ name: "silent", ignore: true, fn() {} });
  Deno.test("steps", (t) => t.step({ name: "silent, too", ignore: true, fn() {} }).then(() => {}));`,
);

/** Returns the lines after a run with these flags. */
async function linesOf(...flags: string[]): Promise<string[]> {
  const report = `${folder}/report.xml`;
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--no-check", "--allow-all", `--junit-path=${report}`, ...flags, `${folder}/some_test.ts`],
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    stdout: "null",
    stderr: "null",
  }).output();
  equal(code, 0);
  return skippedTests(await Deno.readTextFile(report));
}

const TODO = "put it beside the checkout (it is too large for the repository, or under another licence)";

Deno.test("each missing thing is reported once, with the number of tests and how to get it", async () => {
  deepEqual(await linesOf(), [
    `2 tests skipped without shared/no/such file: ${TODO}`,
    `1 test skipped without shared/none: ${TODO}`,
    "1 test skipped for no stated reason: silent",
    "1 test skipped for no stated reason: steps &gt; silent, too",
  ]);
});

Deno.test("tests that a filter leaves out don't count as skipped", async () => {
  deepEqual(await linesOf("--filter=another"), [`1 test skipped without shared/no/such file: ${TODO}`]);
  deepEqual(await linesOf("--filter=it is here"), []);
});

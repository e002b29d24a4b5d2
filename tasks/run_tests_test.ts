import { fileURLToPath } from "node:url";
import { deepEqual, equal, match } from "../lib/testing/assert.ts";

Deno.test("the task runs the given files with Deno's flags, shows Deno's count, and returns its exit code", async () => {
  const folder = await Deno.makeTempDir({ prefix: "undertone" });
  await Deno.writeTextFile(
    `${folder}/some_test.ts`,
    `Deno.test("good", () => {}); Deno.test("bad", async () => { await Deno.makeTempDir(); throw 1; });` +
      ` Deno.test.ignore("left out", () => {});`,
  );
  const temporary = await Deno.makeTempDir();
  const run = async (...args: string[]) => {
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", fileURLToPath(new URL("run_tests.ts", import.meta.url)), ...args],
      env: { NO_COLOR: "1", TMPDIR: temporary },
      stderr: "null",
    }).output();
    return { code, out: new TextDecoder().decode(stdout) };
  };
  const all = await run(folder), good = await run("--filter=good", folder);
  equal(all.code, 1);
  match(
    all.out,
    /\nFAILED \| 1 passed \| 1 failed \| 1 ignored .*\n\n1 test skipped for no stated reason: left out\n$/,
  );
  deepEqual([...Deno.readDirSync(temporary)], [], "nothing is left behind");
  equal(good.code, 0);
  match(good.out, /\nok \| 1 passed \| 0 failed \| 2 filtered out .*\n\n$/);
});

/**
 * `deno task test`: runs all tests or the given files, and lists the skipped tests with what enables them.
 */
import { existsSync } from "node:fs";
import { skippedTests } from "../lib/testing/skipped.ts";
import { asksForHelp } from "./cli/flags.ts";
import { testInBatches } from "./test_batches.ts";

const HELP = `Runs the quick tests and the examples of the documentation, and lists what was skipped.

Usage: deno task test [files or folders] [flags of deno test]

Examples:
  deno task test
      all of them, in about eight minutes on two cores
  deno task test lib/data
      those of a folder
  deno task test lib/eval --filter "McNemar"
      those whose name contains a word
  deno task test-long
      the slow ones too
  deno task test-notebooks
      all notebooks, with a real kernel, in about three minutes

Other flags go to deno test: --fail-fast, --filter, --parallel and more; see deno test --help. Without files
and flags, several processes share the tests.`;

if (asksForHelp(Deno.args)) {
  console.log(HELP);
  Deno.exit(0);
}

const ALLOWED = ["read", "write", "env", "ffi", "sys", "run", "net=127.0.0.1"].map((each) =>
  `--allow-${each}`
);
const PLACES = ["lib", "tasks", "docs"];

// The tests leave no files behind: all that they make lies in this folder.
const folder = await Deno.makeTempDir({ prefix: "undertone-tests" });
await Deno.chmod(folder, 0o755); // services that a test starts as other users look into it
Deno.env.set("TMPDIR", folder);
const exit = (code: number) => {
  try {
    Deno.removeSync(folder, { recursive: true });
  } catch (error) { // a process that a test left running still writes there
    console.error(`${folder} could not be removed: ${error instanceof Error ? error.message : error}`);
  }
  Deno.exit(code);
};
Deno.addSignalListener("SIGINT", () => exit(130));

/** Runs `deno test` once, with the user's own flags. */
async function testOnce(): Promise<{ code: number; report: string }> {
  const path = await Deno.makeTempFile({ prefix: "undertone", suffix: ".xml" });
  const places = Deno.args.some((argument) => existsSync(argument)) ? [] : PLACES;
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--doc", "--quiet", ...ALLOWED, `--junit-path=${path}`, ...places, ...Deno.args],
  }).spawn().status;
  const report = await Deno.readTextFile(path);
  await Deno.remove(path);
  return { code, report };
}

const isWhole = Deno.args.length === 0 && !Deno.env.has("UNDERTONE_LONG_TESTS");
const { code, report } = isWhole ? await testInBatches(PLACES, ALLOWED, ["README.md"]) : await testOnce();
for (const line of skippedTests(report)) console.log(line);
exit(code);

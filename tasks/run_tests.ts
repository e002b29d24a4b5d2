/**
 * `deno task test`: runs all tests or the given files, and lists the skipped tests with what enables them.
 */
import { existsSync } from "node:fs";
import { skippedTests } from "../lib/testing/skipped.ts";

const ALLOWED = ["read", "write", "env", "ffi", "sys", "run", "net=127.0.0.1"].map((each) =>
  `--allow-${each}`
);

const report = await Deno.makeTempFile({ prefix: "undertone", suffix: ".xml" });
const places = Deno.args.some((argument) => existsSync(argument)) ? [] : ["lib", "tasks", "docs"];
const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["test", "--doc", "--quiet", ...ALLOWED, `--junit-path=${report}`, ...places, ...Deno.args],
}).spawn().status;
for (const line of skippedTests(await Deno.readTextFile(report))) console.log(line);
await Deno.remove(report);
Deno.exit(code);

/** Every task starts with no more than the permissions that deno.json gives it. */
import { fileURLToPath } from "node:url";
import { equal, match } from "../lib/testing/assert.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const { tasks } = JSON.parse(await Deno.readTextFile(`${root}/deno.json`)) as {
  tasks: Record<string, string>;
};

/** Those with a help text. */
const named = Object.keys(tasks).filter((name) => !["test", "test-long", "check"].includes(name));

async function started(name: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", name, ...args],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  equal(code, 0, `${name}: ${err}`);
  return out;
}

Deno.test("every task shows its help with its own permissions", async () => {
  for (const name of named) match(await started(name, "--help"), new RegExp(`deno task ${name}`));
});

Deno.test("a data set is looked at with the permissions of its task", async () => {
  match(await started("data", "--data=sample"), /^rows +\d+ +\d+ +\d+$/m);
});

/** Checks that every task starts with exactly the permissions that deno.json gives it. */
import { equal, match } from "../lib/testing/assert.ts";
import { inProject } from "../lib/mod.ts";

const { tasks } = JSON.parse(await Deno.readTextFile(inProject("deno.json"))) as {
  tasks: Record<string, string>;
};

/** The arguments of the tasks that run a module, by name, without those that run the tests. */
const commands = Object.entries(tasks).flatMap(([name, command]) => {
  const words = command.split(" ");
  return words[0] === "deno" && words[1] === "run" && name !== "test"
    ? [[name, words.slice(1)] as const]
    : [];
});

async function output(args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...args.slice(1)],
    cwd: inProject("."),
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await command.output(),
    text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

for (const [name, args] of commands) {
  Deno.test(`deno task ${name} --help works with the task's own permissions`, async () => {
    const { code, out, err } = await output([...args, "--help"]);
    equal(code, 0, err);
    match(out, new RegExp(`deno task ${name}\\b`));
  });
}

Deno.test("deno task data reads a data set with the task's own permissions", async () => {
  const args = commands.find(([name]) => name === "data")![1];
  const { code, out, err } = await output([...args, "--data", "sample"]);
  equal(code, 0, err);
  match(out, /^rows +180 +50 +50$/m);
});

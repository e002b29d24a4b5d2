import { deepEqual, equal, match } from "../../lib/testing/assert.ts";
import { z } from "zod";
import { badInput, UndertoneError } from "../../lib/errors.ts";
import { parseFlags } from "./flags.ts";
import type { Task } from "./main.ts";
import { tell, tellNotes } from "./output.ts";
import { captured } from "./testing.ts";

const task = (run: Task["run"]): Task => ({
  name: "greet",
  summary: "Greets.",
  flags: z.strictObject({
    who: z.string().default("you").describe("Whom."),
    loud: z.boolean().default(false).describe("Louder."),
    schedule: z.enum(["linear", "cosine", "constant"]).default("linear").describe("Shape."),
  }),
  examples: [["deno task greet --who Ann", "greets Ann"]],
  run,
});

/** Returns the exit code and everything that was printed. */
async function printed(job: Task, args: string[]) {
  const { code, out, err } = await captured(job, ...args);
  return { code, text: [...out, ...err].join("\n") };
}

Deno.test("with --json, stdout gets the JSON alone, and the rest goes to stderr", async () => {
  const job = task((args, _, json) => {
    console.log("a table of", ...args);
    json({ greeted: 1 });
    return Promise.resolve();
  });
  for (const args of [["--json", "--who=Ann"], ["--who=Ann", "--json=true"], ["--who", "Ann", "--json"]]) {
    const { out, err } = await captured(job, ...args);
    deepEqual(out, ['{"greeted":1}']);
    match(err.join(), /^a table of --who.Ann$/);
  }
  deepEqual((await captured(job, "--no-json")).out, ["a table of"]);
});

Deno.test("with --json an error is JSON on stdout too, unless the result is there already", async () => {
  const input = badInput({ expected: "a file", found: "none", at: "x", todo: "Look." });
  for (const error of [input, new Error("broken")]) {
    const { code, out, err } = await captured(task(() => Promise.reject(error)), "--json");
    equal(code, error === input ? 2 : 1);
    deepEqual(out, [JSON.stringify({ error: error.message })]);
    match(err[0], new RegExp(error.message.replace(/[.]/g, "\\.")));
    deepEqual((await captured(task(() => Promise.reject(error)))).out, []);
  }
  const late = task((_args, _signal, json) => {
    json({ greeted: 1 });
    return Promise.reject(input);
  });
  deepEqual((await captured(late, "--json")).out, ['{"greeted":1}']);
});

Deno.test("--version prints the version of deno.json alone", async () => {
  const { code, out, err } = await captured(
    task(() => Promise.reject(new Error("must not run"))),
    "--version",
  );
  const { version } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  equal(code, 0);
  match(out.join("\n"), new RegExp(`^undertone ${version} \\(deno \\d`));
  deepEqual(err, []);
});

Deno.test("--quiet hides progress but not the result, notes and errors; --verbose shows versions", async () => {
  const job = task(() => {
    tell("epoch 1");
    tellNotes(["a guess"]);
    console.log("result");
    return Promise.resolve();
  });
  const said = async (...args: string[]) => (await printed(job, args)).text;
  equal(await said("--quiet"), "result\nnote: a guess");
  equal(await said(), "result\nepoch 1\nnote: a guess");
  match(await said("--verbose"), /\nundertone [^\n]* s$/);
});

Deno.test("a task tells each note once, and the next task tells it again", async () => {
  const job = task(() => {
    tellNotes(["a guess", "a doubt"]);
    tellNotes(new Set(["a doubt", "a guess", "a hint"]));
    return Promise.resolve();
  });
  const notes = "note: a guess\nnote: a doubt\nnote: a hint";
  equal((await printed(job, [])).text, notes);
  equal((await printed(job, ["--quiet"])).text, notes);
});

Deno.test("a misspelled flag of every task is recognised", async () => {
  const job = task((args) => Promise.resolve(void parseFlags(task(() => Promise.resolve()).flags, args)));
  match((await printed(job, ["--jsno"])).text, /Did you mean --json\?/);
});

Deno.test("a permission that is missing is told with the place to add it", async () => {
  const job = task(() => Promise.reject(new Deno.errors.NotCapable('Requires env access to "X"')));
  const { code, text } = await printed(job, []);
  equal(code, 2);
  match(text, /Deno refused: Requires env access to "X"\. .* deno\.json/);
});

Deno.test("help comes from the schema", async () => {
  const { code, text } = await printed(task(() => Promise.resolve()), ["--help"]);
  equal(code, 0);
  match(text, /Usage: deno task greet \[flags\]/);
  match(text, /--who=<text> +Whom\. \[you\]/);
  match(text, /--loud +Louder\.\n/);
  match(text, /--schedule=<text> +Shape\. One of linear, cosine, constant\. \[linear\]/);
});

Deno.test("bad input prints its sentence and gives 2; an internal error gives 1 and says how to see more", async () => {
  const input = badInput({ expected: "a file", found: "none", at: "x", todo: "Look." });
  const bad = await printed(task(() => Promise.reject(input)), []);
  equal(bad.code, 2);
  equal(bad.text, input.message);
  const ours = await printed(task(() => Promise.reject(new UndertoneError("broken", "internal"))), []);
  equal(ours.code, 1);
  match(ours.text, /^Undertone failed: broken\nRun again with --verbose/);
});

Deno.test("an interrupt lets the task end, and gives 130", async () => {
  const job = task(async (_, signal) => {
    Deno.kill(Deno.pid, "SIGTERM");
    while (!signal.aborted) await new Promise((r) => setTimeout(r, 5));
    console.log("saved");
  });
  const { code, text } = await printed(job, []);
  equal(code, 130);
  equal(text, "saved");
});

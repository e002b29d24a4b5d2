import { equal, match } from "../../lib/testing/assert.ts";
import { z } from "zod";
import { badInput, UndertoneError } from "../../lib/errors.ts";
import type { Task } from "./main.ts";
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

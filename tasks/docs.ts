/** `deno task docs`: builds the reference pages of the library. */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { badInput } from "../lib/errors.ts";
import { parseFlags } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));

const flags = z.strictObject({
  out: z.string().default("outputs/docs").describe("Folder to write the pages to."),
});

/** Returns the public entry files: the `exports` of deno.json, or lib/mod.ts if it has none. */
export function facesOf(
  { exports = "./lib/mod.ts" }: { exports?: string | Record<string, string> },
): string[] {
  return typeof exports === "string" ? [exports] : Object.values(exports);
}

/** Runs `deno doc` on these files. Shows its output only if it fails. */
async function build(faces: readonly string[], out: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--html", "--name=Undertone", `--output=${out}`, ...faces],
    cwd: PROJECT,
  }).output();
  if (success) return;
  throw badInput({
    expected: "files that deno doc can read",
    found: `an error: ${new TextDecoder().decode(stderr).trim()}`,
    at: faces.join(", "),
    todo: "Run deno task check to see what is wrong.",
  });
}

export const task: Task = {
  name: "docs",
  summary: "Builds the reference pages of the library, one for each public name.",
  flags,
  examples: [["deno task docs", "writes outputs/docs/index.html"]],

  async run(args, _signal, json) {
    const { out } = parseFlags(flags, args);
    const faces = facesOf(JSON.parse(await Deno.readTextFile(join(PROJECT, "deno.json"))));
    await build(faces, resolve(out));
    const index = join(out, "index.html");
    console.log(`Pages: ${index}`);
    json({ pages: index });
  },
};

if (import.meta.main) await main(task);

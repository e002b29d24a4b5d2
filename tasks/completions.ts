/** `deno task completions`: prints what a shell needs to complete the tasks and their flags. */
import { optionsOf } from "../lib/schema.ts";
import { z } from "zod";
import project from "../deno.json" with { type: "json" };
import { badInput, requireKnown } from "../lib/errors.ts";
import { commonFlags } from "./cli/common.ts";
import { type Completed, scripts, type Shell, SHELLS } from "./cli/completions.ts";
import { flagName, parseFlags, splitWords } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";

const flags = z.strictObject({});

/** Returns the tasks of deno.json with the flags of their modules. */
async function completed(): Promise<Completed[]> {
  return await Promise.all(
    Object.entries(project.tasks).map(async ([name, { description }]) => {
      const path = `./${name.replaceAll("-", "_")}.ts`;
      const known = name === "test" || name.startsWith("test-") || name === "check";
      const module = known
        ? undefined
        : name === "completions"
        ? { task }
        : await import(path) as { task: Task };
      const options = module ? [...optionsOf(module.task.flags), ...optionsOf(commonFlags)] : [];
      return {
        name,
        description,
        flags: options.map(({ key, choices, type, description }) => ({
          flag: flagName(key),
          takesValue: type !== "boolean",
          choices: choices ?? [],
          description: description.split(/[.:;] /)[0],
        })),
      };
    }),
  );
}

export const task: Task = {
  name: "completions",
  words: SHELLS.join(" | "),
  summary: "Prints a script with which a shell completes the tasks, their flags and the flags' values.",
  flags,
  examples: [
    ["deno task --quiet completions bash >> ~/.bashrc", "for bash; open a new shell to use it"],
    ["deno task --quiet completions zsh >> ~/.zshrc", "for zsh, after its line with compinit"],
    ["deno task --quiet completions fish > ~/.config/fish/conf.d/undertone.fish", "for fish"],
  ],
  notes: "The script completes 'deno task …'. It stays as it is when a task gets a new flag: print it again.",

  async run(args, _signal, json) {
    const { words: [shell, ...others], rest } = splitWords(flags, args);
    parseFlags(flags, rest);
    if (!shell || others.length) {
      throw badInput({
        expected: "one shell",
        found: shell ? "several words" : "nothing",
        at: "deno task completions",
        todo: `Write one of ${SHELLS.join(", ")}.`,
      });
    }
    const known: Shell = requireKnown("a shell", shell, SHELLS, "the first word");
    const script = scripts[known](await completed());
    console.log(script);
    json({ shell: known, script });
  },
};

if (import.meta.main) await main(task);

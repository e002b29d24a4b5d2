/** `deno task soak`: the long trials of what Undertone promises, at their full size. */
import { z } from "zod";
import { requireKnown } from "../lib/errors.ts";
import { inProject } from "../lib/paths.ts";
import { parseFlags, splitWords } from "./cli/flags.ts";
import { main, type Task } from "./cli/main.ts";

/** The trials and their tests. */
const TRIALS = {
  kills: ["tasks/kill_many_test.ts"],
  mutants: [
    "lib/files/safetensors_mutants_test.ts",
    "lib/model/mutants_test.ts",
    "lib/files/torch_test.ts",
    "lib/data/mutants_test.ts",
  ],
  lengths: ["tasks/mixed_lengths_test.ts"],
};

const NAMES = Object.keys(TRIALS) as (keyof typeof TRIALS)[];

const flags = z.strictObject({
  share: z.number().positive().max(10).default(1).describe(
    "How much of each trial to run: 1 is 200 kills, 30 minutes of mixed lengths, and 230,000 damaged files.",
  ),
});

export const task: Task = {
  name: "soak",
  words: "[kills | mutants | lengths]",
  summary: "Runs the long trials: kills at random moments, damaged files, and a long run of mixed lengths.",
  flags,
  examples: [
    ["deno task soak", "all of them, in about an hour and a half"],
    ["deno task soak kills --share 0.1", "20 kills"],
    ["nice deno task soak lengths", "half an hour of mixed lengths, beside other work"],
  ],
  notes: "docs/PROMISES.md lists what the trials hold, with figures. deno task test-long runs a fifteenth.",

  async run(args) {
    const { words, rest } = splitWords(flags, args), { share } = parseFlags(flags, rest);
    const chosen = words.map((word) => requireKnown("a trial", word, NAMES, "the command line"));
    const files = (chosen.length > 0 ? chosen : NAMES).flatMap((name) => TRIALS[name]);
    // Not quiet, because the tests print their figures.
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--no-check", "--allow-all", ...files.map(inProject)],
      env: { UNDERTONE_LONG_TESTS: "1", UNDERTONE_SOAK: `${share}`, DENO_NO_UPDATE_CHECK: "1" },
    }).spawn().status;
    return code;
  },
};

if (import.meta.main) await main(task);

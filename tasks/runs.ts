/** `deno task runs`: lists what was trained, compares two, removes some, and says how much disk they take. */
import { z } from "zod";
import { badInput, requireKnown } from "../lib/errors.ts";
import {
  compareRuns,
  diskUse,
  listRuns,
  removable,
  removeRun,
  RUN_SORTS,
  type RunComparison,
} from "../lib/jobs/mod.ts";
import { trainConfig } from "../lib/config/mod.ts";
import { agrees } from "./cli/agree.ts";
import { parseFlags, splitWords } from "./cli/flags.ts";
import { main, type PrintJson, type Task } from "./cli/main.ts";
import { comparisonText, runsText, sized } from "./cli/runs.ts";
import { count } from "./cli/show.ts";

const flags = trainConfig.pick({ out: true, cache: true }).extend({
  sort: z.enum(RUN_SORTS).default("age").describe(
    "Order of the list: the best weighted F1 on dev, the newest, the largest, or the name first.",
  ),
  filter: z.string().optional().describe(
    "List only what has this text in its name, kind, method, data or encoders.",
  ),
  cells: z.boolean().default(false).describe(
    "Also list the runs inside ablations, folds, matrices and searches.",
  ),
  yes: z.boolean().default(false).describe("Do not ask before 'rm' removes."),
});

type Flags = z.infer<typeof flags>;

export const task: Task = {
  name: "runs",
  words: "list | compare <A> <B> | rm <A> [<B> …] | disk",
  summary:
    "Lists runs, ablations, folds, matrices of corpora and searches with their dev metrics; compares and removes them.",
  flags,
  examples: [
    [
      "deno task runs --sort weighted_f1 --filter ravdess",
      "lists what was trained on RAVDESS, the best first",
    ],
    ["deno task runs compare first second", "the options, machines and results in which two runs differ"],
    ["deno task runs rm first my-ablation", "asks, removes both, and says what space that freed"],
    ["deno task runs disk", "the space of runs, feature cache and models"],
  ],
  notes:
    "A name is that of the list, or a path. Only 'rm' changes anything. No command reads a test split: 'compare' " +
    "shows test metrics that were read before. The dev metrics of a run that is not finished are those of its " +
    "best epoch so far.",

  async run(args, signal, json) {
    const { words: [verb = "list", ...names], rest } = splitWords(flags, args);
    const given = parseFlags(flags, rest);
    const known = requireKnown("a command", verb, ["list", "compare", "rm", "disk"], "the first word");
    const fits = { list: names.length === 0, compare: names.length === 2, rm: names.length > 0 };
    if (!(known === "disk" ? fits.list : fits[known])) {
      throw badInput({
        expected: { list: "no name", compare: "two names", rm: "one name or more", disk: "no name" }[known],
        found: names.map((name) => `'${name}'`).join(", ") || "nothing",
        at: `deno task runs ${known}`,
        todo: "See --help.",
      });
    }
    if (known === "list") return await list(given, json);
    if (known === "disk") return await disk(given, json);
    if (known === "rm") return await remove(names, given, signal, json);
    const comparison: RunComparison = await compareRuns(names[0], names[1], given);
    console.log(comparisonText(comparison));
    json(comparison);
  },
};

async function list(given: Flags, json: PrintJson): Promise<void> {
  const found = await listRuns(given);
  console.log(runsText(found, given));
  json(found);
}

async function disk(given: Flags, json: PrintJson): Promise<void> {
  const use = await diskUse(given);
  for (const { name, what, bytes } of use.parts) {
    console.log(`${sized(bytes).padStart(9)}  ${what.padEnd(14)} ${name}`);
  }
  console.log(`${sized(use.bytes).padStart(9)}  in all`);
  json(use);
}

async function remove(names: string[], { out, yes }: Flags, signal: AbortSignal, json: PrintJson) {
  const runs = await removable(names, out);
  for (const { name, kind, state, bytes } of runs) {
    console.error(`${name}: ${kind}, ${state}, ${sized(bytes)}`);
  }
  const total = runs.reduce((sum, { bytes }) => sum + bytes, 0);
  const isTerminal = Deno.stdin.isTerminal();
  if (
    !yes && !(isTerminal && await agrees(`Remove ${runs.length === 1 ? "it" : "them"} for good?`, signal))
  ) {
    throw badInput({
      expected: "your consent to remove them",
      found: isTerminal ? "none" : "no terminal that could give it",
      at: "the question above",
      todo: "Nothing was removed. Answer y, or add --yes.",
    });
  }
  for (const run of runs) {
    if (signal.aborted) return;
    await removeRun(run);
  }
  console.log(`Removed ${count(runs.length, "folder")}: ${sized(total)} freed.`);
  json({ removed: runs.map(({ path }) => path), bytes: total });
}

if (import.meta.main) await main(task);

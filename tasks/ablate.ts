/** `deno task ablate`: trains methods with several seeds each, and compares them on the same rows. */
import { z } from "zod";
import { type AblateConfig, ablateConfig, chooseMethods, readConfigFile } from "../lib/config/mod.ts";
import { useModules } from "../lib/jobs/mod.ts";
import { badInput } from "../lib/errors.ts";
import { runCell } from "./ablate/cell.ts";
import { launch } from "./ablate/launch.ts";
import { runAll } from "./ablate/run.ts";
import { runVerb, watchFlag } from "./ablate/verbs.ts";
import { check, readFlags, splitWords } from "./cli/flags.ts";
import { launchFlags, requireLaunch, requirePartAlone, tellStopped } from "./cli/launch.ts";
import { main, type Task } from "./cli/main.ts";
import { partFlag, partOf } from "./cli/part.ts";
import { parseSeeds, SEEDS_HELP } from "./cli/seeds.ts";

const flags = ablateConfig.extend({
  methods: z.array(z.string()).min(1).default(["all"])
    .describe(
      "Methods, recipes of the config file, or 'all'. The single-modality controls are always added.",
    ),
  seeds: z.string().default("3").describe(SEEDS_HELP),
  compare: z.array(z.string()).default([]).describe(
    "Two recipes or controls to compare, beside the best fused recipe with each other one, e.g. " +
      "--compare memocmt,text_only; repeatable. P-values are adjusted by Holm over all comparisons.",
  ),
  config: z.string().optional().describe("JSON file with any of these options. Flags override it."),
  overwrite: z.boolean().default(false).describe("Retrain cells that were trained with other options."),
  ...launchFlags("Train every cell"),
  cell: partFlag.optional().describe(
    "Train one cell of how many, e.g. 3/12, for other schedulers. It writes in its own folder alone.",
  ),
  watch: watchFlag,
});

/** The schema of a config file: `methods` holds recipes, and `seeds` is a number or a list. */
const file = ablateConfig.extend({ seeds: z.union([z.int(), ablateConfig.shape.seeds]) }).partial();
type Stored = z.infer<typeof file>;

export const task: Task = {
  name: "ablate",
  words: "[status <name> | logs <name> [<cell>] | cancel <name> | collect <name>]",
  summary: "Trains methods with several seeds each, and compares them with the controls. Reads test once.",
  flags,
  examples: [
    ["deno task ablate --methods all --seeds 3", "all methods on the embedded sample"],
    [
      "deno task ablate --methods memocmt,fine_grained --seeds 5 --data my/manifest.csv",
      "two methods on your own data",
    ],
    [
      "deno task ablate --methods all --seeds 1 --data ravdess:my/ravdess --protocol emobox",
      "EmoBox's six folds of RAVDESS",
    ],
    ["deno task ablate --config recipes.json --name tuned", "reads the options of each method from a file"],
    [
      "deno task ablate --config recipes.json --compare memocmt,memocmt-mean",
      "also tests the difference of these two recipes",
    ],
    [
      "deno task ablate --config tasks/recipes/published_meld.json --data <MELD folder>",
      "trains the published configurations for MELD, and shows their published figures beside ours",
    ],
    [
      "deno task ablate --config recipes.json --seeds 5 --launch slurm --slurm.partition=gpu --slurm.time=1:00:00",
      "one job per cell on a cluster; 'deno task ablate status <name>' shows them, 'collect <name>' reads test",
    ],
  ],
  notes:
    'Recipes in the config file: {"epochs": 8, "methods": {"memocmt": {"lr": 3e-4, "options": {"dropout": ' +
    '0.3}}, "memocmt-mean": {"method": "memocmt", "options": {"aggregation": "mean"}}}}. ' +
    "Without --methods, the ablation compares exactly these recipes, and controls that read their encoders.\n" +
    "A recipe may set any option of training: text, audio, train, freeze, lora, lengths and so on. All " +
    "recipes share data, places, engine and seeds. Options beside methods are for all recipes that do not " +
    "set them, and a flag overrides both. Recipes that read the data alike follow one another, so that " +
    "only their data are in memory.\n" +
    'Figures of others stand beside ours if a recipe has them: "published": {"source": "who, how", "dev": ' +
    '{"accuracy": 0.63}}.\n' +
    "To continue an interrupted ablation, " +
    "run the same command: it skips the cells that are already trained.",

  async run(args, signal, json) {
    const began = performance.now();
    const { words: [verb, ...words], rest } = splitWords(flags, args);
    if (verb !== undefined) return await runVerb(verb, words, rest, signal, json);
    const given = readFlags(flags, rest);
    requirePartAlone("cell", given);
    const { methods, ...stored } = typeof given.config === "string"
      ? await readConfigFile(given.config, file) as Stored
      : {};
    const { seeds, compare, overwrite, config: _, methods: names, ...others } = check(flags, {
      ...stored,
      ...stored.seeds !== undefined && { seeds: listed(stored.seeds) },
      ...stored.compare && { compare: stored.compare.flat() },
      ...given,
    });
    const { launch: launcher, jobs, slurm, dry_run, cell, watch: _w, ...common } = others;
    await useModules(common.use); // before 'all' is resolved, so that it includes their methods
    const config = {
      ...common,
      seeds: parseSeeds(seeds),
      compare: pairsOf(compare),
      methods: chooseMethods(given.methods ? names : undefined, without(methods, Object.keys(given))),
    };
    if (cell) return await runCell(config, partOf(cell), { overwrite, signal }, json);
    if (launcher) { // the cells are then told before they are trained
      const options = { launch: launcher, jobs, slurm, dry_run, overwrite };
      if (!await launch(config, options, signal, json)) return tellStopped(signal);
    } else requireLaunch(given);
    await runAll(config, { overwrite, signal, began, headed: !launcher }, json);
  },
};

/** Removes from each recipe the options that a flag sets for all of them. */
const without = (recipes: AblateConfig["methods"] = {}, keys: readonly string[]): AblateConfig["methods"] =>
  Object.fromEntries(
    Object.entries(recipes).map(([name, recipe]) => [
      name,
      Object.fromEntries(Object.entries(recipe).filter(([key]) => !keys.includes(key))),
    ]),
  );

/** Returns a config file's seeds in the spelling of --seeds. */
const listed = (seeds: number | number[]): string =>
  Array.isArray(seeds) ? `${seeds.join(",")},` : `${seeds}`;

/** Returns the words of every --compare in pairs. */
function pairsOf(names: readonly string[]): string[][] {
  if (names.length % 2 === 0) return names.flatMap((name, i) => i % 2 ? [] : [[name, names[i + 1]]]);
  throw badInput({
    expected: "two names for each --compare",
    found: names.join(","),
    at: "--compare",
    todo: "Write --compare a,b --compare a,c for two comparisons.",
  });
}

if (import.meta.main) await main(task);

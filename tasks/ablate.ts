/** `deno task ablate`: trains methods with several seeds each, and compares them on the same rows. */
import { z } from "zod";
import { type AblateConfig, ablateConfig, chooseMethods, readConfigFile } from "../lib/config/mod.ts";
import {
  ablate,
  type AblateEvent,
  ablationTable,
  comparisonTables,
  gainText,
  publishedNotes,
  useModules,
} from "../lib/jobs/mod.ts";
import { badInput } from "../lib/errors.ts";
import { tableText } from "../lib/plot/mod.ts";
import { ablationProgress } from "./cli/ablation.ts";
import { check, readFlags } from "./cli/flags.ts";
import { runFolds, runsFolds } from "./cli/folds.ts";
import { main, type PrintJson, type Task } from "./cli/main.ts";
import { duration } from "./cli/progress.ts";
import { parseSeeds, SEEDS_HELP } from "./cli/seeds.ts";
import { count, encodeProgress } from "./cli/show.ts";

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
});

/** The schema of a config file: `methods` holds recipes, and `seeds` is a number or a list. */
const file = ablateConfig.extend({ seeds: z.union([z.int(), ablateConfig.shape.seeds]) }).partial();
type Stored = z.infer<typeof file>;

export const task: Task = {
  name: "ablate",
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
    const given = readFlags(flags, args);
    const { methods, ...stored } = typeof given.config === "string"
      ? await readConfigFile(given.config, file) as Stored
      : {};
    const { seeds, compare, overwrite, config: _, methods: names, ...common } = check(flags, {
      ...stored,
      ...stored.seeds !== undefined && { seeds: listed(stored.seeds) },
      ...stored.compare && { compare: stored.compare.flat() },
      ...given,
    });
    await useModules(common.use); // before 'all' is resolved, so that it includes their methods
    const config = {
      ...common,
      seeds: parseSeeds(seeds),
      compare: pairsOf(compare),
      methods: chooseMethods(given.methods ? names : undefined, without(methods, Object.keys(given))),
    };
    if (runsFolds(config)) return await runFolds(config, { overwrite, signal }, json);
    const encoding = encodeProgress(), progress = ablationProgress();
    try {
      for await (const event of ablate(config, { overwrite, signal, onProgress: encoding.update })) {
        encoding.end();
        progress.show(event);
        if (event.type === "planned") tellAbout(event);
        if (event.type === "noted") { for (const note of event.notes) console.error(`note: ${note}`); }
        if (event.type === "result") report(event, json);
      }
    } finally {
      if (signal.aborted) console.error("Stopped. Nothing is lost: run the same command to continue.");
    }
  },
};

function tellAbout({ dataset, rejected }: Extract<AblateEvent, { type: "planned" }>): void {
  for (const note of dataset.notes) console.error(`note: ${note}`);
  if (rejected) {
    console.error(
      `note: ${
        count(rejected, "row")
      } can't be used; the reasons are in rejected.csv in the folder of each trained cell`,
    );
  }
}

function report(
  { folder, results, seconds }: Extract<AblateEvent, { type: "result" }>,
  json: PrintJson,
): void {
  console.log(tableText(ablationTable(results)));
  for (const note of publishedNotes(results)) console.log(note);
  for (const note of results.notes ?? []) console.error(`note: ${note}`);
  for (const gain of results.gains) console.log(gainText(results, gain));
  for (const table of comparisonTables(results)) console.log(`\n${tableText(table)}`);
  console.log(`\nIn ${duration(seconds)}. Table, figure and cells: ${folder}   (open ${folder}/report.html)`);
  json({ ablation: folder, seconds, ...results });
}

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

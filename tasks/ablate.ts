/** `deno task ablate`: trains methods with several seeds each, and compares them on the same rows. */
import { dirname } from "node:path";
import { z } from "zod";
import { type AblateConfig, ablateConfig, chooseMethods, readConfigFile } from "../lib/config/mod.ts";
import {
  ablate,
  type AblateEvent,
  ablationTable,
  comparisonTables,
  gainText,
  launchedConfig,
  launchStatus,
  publishedNotes,
  useModules,
} from "../lib/jobs/mod.ts";
import { badInput, requireKnown } from "../lib/errors.ts";
import { tableText } from "../lib/plot/mod.ts";
import { runCell } from "./ablate/cell.ts";
import { launch } from "./ablate/launch.ts";
import { ablationFolder, cancelAll, showLogs, showStatus } from "./ablate/status.ts";
import { ablationProgress } from "./cli/ablation.ts";
import { check, parseFlags, readFlags, splitWords } from "./cli/flags.ts";
import { runFolds, runsFolds } from "./cli/folds.ts";
import { launchFlags, requireLaunch } from "./cli/launch.ts";
import { main, type PrintJson, type Task } from "./cli/main.ts";
import { partFlag, partOf } from "./cli/part.ts";
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
  ...launchFlags("Train every cell"),
  cell: partFlag.optional().describe(
    "Train one cell of how many, e.g. 3/12, for other schedulers. It writes in its own folder alone.",
  ),
  watch: z.boolean().default(false).describe("Show the status again every 5 s, until nothing runs."),
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
      "one job per cell on a cluster; `deno task ablate status <name>` shows them, `collect <name>` reads test",
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
      if (!await launch(config, options, signal, json)) return;
    } else requireLaunch(given);
    if (runsFolds(config)) return await runFolds(config, { overwrite, signal }, json);
    await runAll(config, { overwrite, signal, began, headed: !launcher }, json);
  },
};

/** Trains what is missing in this process, reads test, and prints the table. */
async function runAll(
  config: AblateConfig,
  { overwrite, signal, began, headed = true }: {
    overwrite: boolean;
    signal: AbortSignal;
    began: number;
    headed?: boolean;
  },
  json: PrintJson,
): Promise<void> {
  const encoding = encodeProgress(), progress = ablationProgress(undefined, undefined, headed);
  try {
    for await (const event of ablate(config, { overwrite, signal, onProgress: encoding.update })) {
      encoding.end();
      progress.show(event);
      if (event.type === "planned") tellAbout(event);
      if (event.type === "noted") { for (const note of event.notes) console.error(`note: ${note}`); }
      if (event.type === "result") report({ ...event, seconds: (performance.now() - began) / 1000 }, json);
    }
  } finally {
    if (signal.aborted) console.error("Stopped. Nothing is lost: run the same command to continue.");
  }
}

/** Runs a command on an ablation that was launched. */
async function runVerb(
  verb: string,
  names: readonly string[],
  rest: readonly string[],
  signal: AbortSignal,
  json: PrintJson,
): Promise<void> {
  const known = requireKnown("a command", verb, ["status", "logs", "cancel", "collect"], "the first word");
  const { out, watch } = parseFlags(flags.pick({ out: true, watch: true }), rest);
  const [name, cell, ...more] = names, folder = ablationFolder(name, out);
  if (more.length > 0 || (cell !== undefined && known !== "logs")) {
    throw badInput({
      expected: known === "logs" ? "a name and a cell" : "one name",
      found: names.map((each) => `'${each}'`).join(", "),
      at: `deno task ablate ${known}`,
      todo: "See --help.",
    });
  }
  if (known === "status") return await showStatus(folder, { watch, signal }, json);
  if (known === "logs") return await showLogs(folder, cell, json);
  if (known === "cancel") return await cancelAll(folder, json);
  const { cells } = await launchStatus(folder);
  const left = cells.filter(({ state }) => state !== "done");
  if (left.length > 0) {
    throw badInput({
      expected: "an ablation whose cells are all trained",
      found: `${left.length} of ${cells.length} that are not, e.g. ${left[0].id} (${left[0].state})`,
      at: folder,
      todo: "Wait for what is queued or running; start the rest with the command that launched it.",
    });
  }
  const config = check(ablateConfig, await launchedConfig(folder) as Record<string, unknown>);
  await useModules(config.use);
  await runAll(
    { ...config, out: dirname(folder) },
    { overwrite: false, signal, began: performance.now() },
    json,
  );
}

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
  console.log(tableText(ablationTable(results)).trimEnd());
  for (const note of publishedNotes(results)) console.log(note);
  for (const note of results.notes ?? []) console.error(`note: ${note}`);
  for (const gain of results.gains) console.log(gainText(results, gain));
  for (const table of comparisonTables(results)) console.log(`\n${tableText(table).trimEnd()}`);
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

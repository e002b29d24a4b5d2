/** `deno task search`: chooses options by their scores on dev, and trains the winner with fresh seeds. */
import { dirname, join } from "node:path";
import { z } from "zod";
import { readConfigFile, type SearchConfig, searchConfig } from "../lib/config/mod.ts";
import {
  importanceTable,
  launchedSearch,
  scoreText,
  search,
  type SearchEvent,
  searchTable,
  searchWorker,
  useModules,
  winnerText,
} from "../lib/jobs/mod.ts";
import { badInput, requireKnown } from "../lib/errors.ts";
import { tableText } from "../lib/plot/mod.ts";
import { ablationFolder, cancelAll } from "./ablate/status.ts";
import { check, parseFlags, readFlags, splitWords } from "./cli/flags.ts";
import { launchFlags, requireLaunch, requirePartAlone, tellStopped } from "./cli/launch.ts";
import { main, type PrintJson, type Task } from "./cli/main.ts";
import { tell, tellNotes } from "./cli/output.ts";
import { asPart, partFlag, partOf } from "./cli/part.ts";
import { duration } from "./cli/progress.ts";
import { count, encodeProgress } from "./cli/show.ts";
import { launch } from "./search/launch.ts";
import { showSearchLogs, showSearchStatus } from "./search/status.ts";

const flags = searchConfig.extend({
  config: z.string().optional().describe("JSON file with any of these options. Flags override it."),
  overwrite: z.boolean().default(false).describe("Train trials again that were trained with other options."),
  ...launchFlags("Run every worker"),
  jobs: z.int().min(1).default(2).describe("Workers of --launch: each trains a trial at a time."),
  worker: partFlag.optional().describe(
    "Be one worker of how many, e.g. 3/8, for other schedulers: train trials that no other worker trains.",
  ),
  watch: z.boolean().default(false).describe("Show the status again every 5 s, until nothing runs."),
});

/** Rows of the table that a terminal shows. */
const SHOWN = 10;

export const task: Task = {
  name: "search",
  words: "[status <name> | logs <name> | cancel <name> | collect <name>]",
  summary:
    "Searches options by their scores on dev, and trains the winner with fresh seeds. Never reads test.",
  flags,
  examples: [
    ["deno task search --config search.json --trials 40", "at random, in the space of the file"],
    ["deno task search --config search.json --strategy tpe", "each trial from the scores of those before"],
    [
      "deno task search --config search.json --strategy asha --epochs 27",
      "trials that start badly are stopped after 1, 3 or 9 epochs",
    ],
    [
      "deno task search --search.lr='{\"log\":[1e-4,3e-3]}' --search.options.dropout='{\"range\":[0,0.5]}'",
      "the space as flags",
    ],
    [
      "deno task search --config search.json --launch slurm --jobs 8 --slurm.partition=gpu --slurm.time=2:00:00",
      "8 workers on a cluster; 'deno task search status <name>' shows trials, 'collect <name>' ends the search",
    ],
    ["deno task ablate --config outputs/<name>/winner.ablation.json", "reads test once, with fresh seeds"],
  ],
  notes:
    'The config file: {"search": {"lr": {"log": [1e-4, 3e-3]}, "options.dropout": {"range": [0, 0.5]}, ' +
    '"method": {"choose": ["memocmt", "fine_grained"]}}, "epochs": 8}. A plain list of two numbers is a range, ' +
    "any other plain list a choice. Options beside search hold for all trials. Options that only some methods " +
    "have count for these.\n" +
    "Trials share the seed, so that options alone differ. The score of a trial is its best value of --select " +
    "on dev. The winner's score is biased upwards, since it is the best of many; its fresh seeds are not.\n" +
    "To continue an interrupted search, run the same command: it ends in the same results. So it does after " +
    "workers have trained the trials, however many there were.",

  async run(args, signal, json) {
    const { words: [verb, ...words], rest } = splitWords(flags, args);
    if (verb !== undefined) return await runVerb(verb, words, rest, signal, json);
    const given = readFlags(flags, rest);
    requirePartAlone("worker", given);
    const stored = typeof given.config === "string"
      ? await readConfigFile(given.config, searchConfig.partial())
      : {};
    const space = { ...stored.search as object, ...given.search as object };
    const { config: _, overwrite, launch: launcher, jobs, slurm, dry_run, worker, watch: _w, ...config } =
      check(flags, { ...stored, ...given, search: space });
    requireApart(space, { ...stored, ...given });
    if (worker) {
      return await asPart(
        signal,
        partOf(worker),
        (_, signal) => followAll(searchWorker, config, { overwrite, signal }, json),
      );
    }
    if (launcher) {
      const options = { launch: launcher, jobs, slurm, dry_run, overwrite };
      if (!await launch(config, options, signal, json)) return tellStopped(signal);
    } else requireLaunch(given);
    await runAll(config, { overwrite, signal }, json);
  },
};

interface RunOptions {
  overwrite: boolean;
  signal: AbortSignal;
}

/** Trains what is missing in this process, and prints the results. */
async function runAll(config: SearchConfig, options: RunOptions, json: PrintJson): Promise<void> {
  try {
    await followAll(search, config, options, json);
  } finally {
    if (options.signal.aborted) {
      console.error("Stopped. Nothing is lost: run the same command to continue.");
    }
  }
}

/** Shows the events of a search, or of a worker. */
async function followAll(
  work: typeof search,
  config: SearchConfig,
  options: RunOptions,
  json: PrintJson,
): Promise<void> {
  const encoding = encodeProgress();
  for await (const event of work(config, { ...options, onProgress: encoding.update })) {
    encoding.end();
    follow(event, json);
  }
}

/** Runs a command on a search that was launched. */
async function runVerb(
  verb: string,
  [name, ...more]: readonly string[],
  rest: readonly string[],
  signal: AbortSignal,
  json: PrintJson,
): Promise<void> {
  const known = requireKnown("a command", verb, ["status", "logs", "cancel", "collect"], "the first word");
  const { out, watch } = parseFlags(flags.pick({ out: true, watch: true }), rest);
  const folder = ablationFolder(name, out, "a search");
  if (more.length > 0) {
    throw badInput({
      expected: "one name",
      found: [name, ...more].map((each) => `'${each}'`).join(", "),
      at: `deno task search ${known}`,
      todo: "See --help.",
    });
  }
  const config = check(searchConfig, await launchedSearch(folder) as Record<string, unknown>);
  if (known === "status") return await showSearchStatus(folder, { watch, signal }, json);
  if (known === "logs") return await showSearchLogs(folder, json);
  if (known === "cancel") return await cancelAll(folder, json);
  await useModules(config.use);
  await runAll({ ...config, out: dirname(folder) }, { overwrite: false, signal }, json);
}

/** Throws UndertoneError for an option that is both searched and set. */
function requireApart(space: object, given: Record<string, unknown>): void {
  const isSet = (key: string) => {
    const value = key.split(".").reduce<unknown>(
      (v, part) => (v as Record<string, unknown> | undefined)?.[part],
      given,
    );
    return value !== undefined;
  };
  const both = Object.keys(space).find(isSet);
  if (!both) return;
  throw badInput({
    expected: "an option either searched or set",
    found: `both for ${both}`,
    at: "the configuration of the search",
    todo: "Leave one of them out.",
  });
}

/** Shows an event. */
function follow(event: SearchEvent, json: PrintJson): void {
  if (event.type === "planned") {
    tellNotes([...event.notes, ...event.dataset.notes]);
    if (event.rejected) tellNotes([`${count(event.rejected, "row")} can't be used`]);
    tell(`${count(event.trials, "trial")} in ${event.folder}`);
  } else if (event.type === "tried") {
    const { trial: { number, values, epochs, score, rungs, failed }, metric, before } = event;
    const said = Object.entries(values).map(([key, value]) => `${key} ${JSON.stringify(value)}`).join(", ");
    tell(
      `trial ${number}: ${failed ?? scoreText(metric, score)}${
        rungs ? ` after ${count(epochs, "epoch")}` : ""
      }` +
        `  ${said}${before ? "  (trained before)" : ""}`,
    );
  } else if (event.type === "retrained") {
    const { seed, score, metric, failed } = event;
    tell(`winner with seed ${seed}: ${failed ?? scoreText(metric, score)}`);
  } else if (event.type === "result") {
    const { folder, results, seconds } = event;
    console.log(tableText(searchTable(results, SHOWN)));
    console.log(tableText(importanceTable(results)));
    console.log(winnerText(results));
    console.log(
      `\nIn ${
        duration(seconds)
      }. Test was not read. Trials, figure and winner: ${folder}   (open ${folder}/report.html)`,
    );
    if (results.winner) {
      console.log(`Test, once: deno task ablate --config ${join(folder, "winner.ablation.json")}`);
    }
    json({ search: folder, seconds, ...results });
  }
}

if (import.meta.main) await main(task);

/** `deno task search`: chooses options by their scores on dev, and trains the winner with fresh seeds. */
import { join } from "node:path";
import { z } from "zod";
import { readConfigFile, searchConfig } from "../lib/config/mod.ts";
import {
  importanceTable,
  scoreText,
  search,
  type SearchEvent,
  searchTable,
  winnerText,
} from "../lib/jobs/mod.ts";
import { badInput } from "../lib/errors.ts";
import { tableText } from "../lib/plot/mod.ts";
import { check, readFlags } from "./cli/flags.ts";
import { main, type PrintJson, type Task } from "./cli/main.ts";
import { tell } from "./cli/output.ts";
import { duration } from "./cli/progress.ts";
import { count, encodeProgress } from "./cli/show.ts";

const flags = searchConfig.extend({
  config: z.string().optional().describe("JSON file with any of these options. Flags override it."),
  overwrite: z.boolean().default(false).describe("Train trials again that were trained with other options."),
});

/** Rows of the table that a terminal shows. */
const SHOWN = 10;

export const task: Task = {
  name: "search",
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
    ["deno task ablate --config outputs/<name>/winner.ablation.json", "reads test once, with fresh seeds"],
  ],
  notes:
    'The config file: {"search": {"lr": {"log": [1e-4, 3e-3]}, "options.dropout": {"range": [0, 0.5]}, ' +
    '"method": {"choose": ["memocmt", "fine_grained"]}}, "epochs": 8}. A plain list of two numbers is a range, ' +
    "any other plain list a choice. Options beside search hold for all trials. Options that only some methods " +
    "have count for these.\n" +
    "Trials share the seed, so that options alone differ. The score of a trial is its best value of --select " +
    "on dev. The winner's score is biased upwards, since it is the best of many; its fresh seeds are not.\n" +
    "To continue an interrupted search, run the same command: it ends in the same results.",

  async run(args, signal, json) {
    const given = readFlags(flags, args);
    const stored = typeof given.config === "string"
      ? await readConfigFile(given.config, searchConfig.partial())
      : {};
    const space = { ...stored.search as object, ...given.search as object };
    const { config: _, overwrite, ...config } = check(flags, { ...stored, ...given, search: space });
    requireApart(space, { ...stored, ...given });
    const encoding = encodeProgress();
    try {
      for await (const event of search(config, { overwrite, signal, onProgress: encoding.update })) {
        encoding.end();
        follow(event, json);
      }
    } finally {
      if (signal.aborted) console.error("Stopped. Nothing is lost: run the same command to continue.");
    }
  },
};

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
    for (const note of [...event.notes, ...event.dataset.notes]) console.error(`note: ${note}`);
    if (event.rejected) console.error(`note: ${count(event.rejected, "row")} can't be used`);
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

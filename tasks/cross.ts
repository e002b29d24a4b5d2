/** `deno task cross`: trains on each corpus, tests on each other, and shows the scores as a matrix. */
import { z } from "zod";
import { crossConfig, readConfigFile } from "../lib/config/mod.ts";
import { crossCorpora, type CrossEvent, crossTable, crossTexts } from "../lib/jobs/mod.ts";
import { tableText } from "../lib/plot/mod.ts";
import { ablationProgress } from "./cli/ablation.ts";
import { check, readFlags } from "./cli/flags.ts";
import { foldsProgress, notesOf } from "./cli/folds.ts";
import { main, type PrintJson, type Task } from "./cli/main.ts";
import { tell, tellNotes } from "./cli/output.ts";
import { duration } from "./cli/progress.ts";
import { parseSeeds, SEEDS_HELP } from "./cli/seeds.ts";
import { encodeProgress } from "./cli/show.ts";

const flags = crossConfig.extend({
  seeds: z.string().default("1").describe(SEEDS_HELP),
  config: z.string().optional().describe("JSON file with any of these options. Flags override it."),
  overwrite: z.boolean().default(false).describe("Retrain models that were trained with other options."),
});

export const task: Task = {
  name: "cross",
  summary:
    "Trains on each corpus and tests on each other one: UA and macro F1 with intervals, as a matrix. A " +
    "corpus with itself is scored by folds that share no speaker.",
  flags,
  examples: [
    [
      "deno task cross --train ravdess:my/ravdess,my/cremad.csv --test my/emodb.csv --method audio_only",
      "two trainings, tested on a third corpus, on the labels that all three have",
    ],
    [
      "deno task cross --train a.csv,b.csv,c.csv --method audio_only --labels.map angry-happy-neutral-sad",
      "three corpora by three, with four common classes",
    ],
    [
      "deno task cross --train a.csv,b.csv --method audio_only --normalize.audio=speaker --seeds 3",
      "speech scaled by speaker, three seeds",
    ],
  ],
  notes:
    "All rows of a corpus count, whatever splits it has. Dev is about a tenth of a training corpus, of " +
    "speakers of its own. The options of deno task train apply to every model; its --train is --parts here. " +
    "To continue an interrupted matrix, run the same command: what is trained or answered is kept.",

  async run(args, signal, json) {
    const given = readFlags(flags, args);
    const file = typeof given.config === "string" ? await readConfigFile(given.config, flags.partial()) : {};
    const { seeds, overwrite, config: _, ...common } = check(flags, { ...file, ...given });
    using encoding = encodeProgress();
    const show = crossProgress(), config = { ...common, seeds: parseSeeds(seeds) };
    try {
      for await (const event of crossCorpora(config, { overwrite, signal, onProgress: encoding.update })) {
        encoding.end();
        if (event.type === "result") report(event, json);
        else show(event);
      }
    } finally {
      encoding.end();
      if (signal.aborted) console.error("Stopped. Nothing is lost: run the same command to continue.");
    }
  },
};

/** Returns a display of how far a matrix is. */
function crossProgress(): (event: CrossEvent) => void {
  let corpus = "", training = ablationProgress(), within = foldsProgress("folds");
  return (event) => {
    if (event.type === "corpora") {
      for (const { name, rows, speakers, data } of event.corpora) {
        tell(`${name}: ${rows} rows${speakers ? `, ${speakers} speakers` : ""} (${data})`);
      }
      tell(`classes: ${event.labels.join(", ")}`);
      tellNotes(event.notes);
    } else if (event.type === "training") {
      const { event: inner } = event;
      if (inner.type === "planned") {
        training = ablationProgress();
        tell(`training on ${event.corpus}`);
      }
      tellNotes(notesOf(inner).map((note) => `${event.corpus}: ${note}`));
      training.show(inner);
    } else if (event.type === "within") {
      if (corpus !== event.corpus) {
        corpus = event.corpus;
        within = foldsProgress(`inside ${corpus}`, corpus);
      }
      within(event.event);
    } else if (event.type === "cell") {
      const { train, test } = event.cell;
      tellNotes(event.notes.map((note) => `${test}: ${note}`));
      tell(`${train} on ${test}${event.before ? ", answered before" : ""}`);
    }
  };
}

function report(
  { folder, results, seconds }: Extract<CrossEvent, { type: "result" }>,
  json: PrintJson,
): void {
  console.log(tableText(crossTable(results)));
  console.log(tableText(crossTable(results, "macro_f1")));
  for (const text of crossTexts(results)) console.log(text);
  console.log(
    `\nIn ${duration(seconds)}. Tables, heat maps and runs: ${folder}   (open ${folder}/report.html)`,
  );
  json({ folder, seconds, ...results });
}

if (import.meta.main) await main(task);

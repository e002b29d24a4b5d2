/** Runs all folds of a protocol in a terminal, for the tasks that train. */
import type { AblateConfig, TrainConfig } from "../../lib/config/mod.ts";
import { hasFolds } from "../../lib/data/mod.ts";
import {
  type AblateOptions,
  crossValidate,
  eachFoldTable,
  type FoldsEvent,
  foldsTable,
  foldsTexts,
} from "../../lib/jobs/mod.ts";
import { groupsTable, tableText } from "../../lib/plot/mod.ts";
import { ablationProgress } from "./ablation.ts";
import type { PrintJson } from "./main.ts";
import { tell } from "./output.ts";
import { duration } from "./progress.ts";
import { encodeProgress } from "./show.ts";

/** Returns whether a task runs all folds of a protocol, and not a single division. */
export const runsFolds = ({ protocol, fold }: Pick<TrainConfig, "protocol" | "fold">): boolean =>
  hasFolds(protocol) && fold === undefined;

/** Trains and tests all folds, shows how far they are, and prints the result. */
export async function runFolds(
  config: TrainConfig | AblateConfig,
  options: Omit<AblateOptions, "onProgress">,
  json: PrintJson,
): Promise<void> {
  using encoding = encodeProgress();
  let progress = ablationProgress();
  const told = new Set<string>(), of = (all: number) => `of ${all}`;
  let folds = 0;
  try {
    for await (const event of crossValidate(config, { ...options, onProgress: encoding.update })) {
      encoding.end();
      if (event.type === "folds") {
        folds = event.folds.length;
        tell(`${config.protocol}: ${folds} folds in ${event.folder}`);
      } else if (event.type === "result") report(event, json);
      else {
        const { fold, testing, event: inner } = event;
        if (inner.type === "planned" && !testing) {
          progress = ablationProgress();
          tell(`fold ${fold.number} ${of(folds)} tests ${fold.name}`);
        }
        for (const note of notesOf(inner)) {
          if (!told.has(note)) console.error(`note: ${note}`);
          told.add(note);
        }
        if (!testing) progress.show(inner);
        if (testing && inner.type === "result") tell(`test of fold ${fold.number} ${of(folds)} is read`);
      }
    }
  } finally {
    if (options.signal?.aborted) console.error("Stopped. Nothing is lost: run the same command to continue.");
  }
}

/** Returns the notes of an ablation's event. */
const notesOf = (event: Extract<FoldsEvent, { type: "fold" }>["event"]): readonly string[] =>
  event.type === "planned" ? event.dataset.notes : event.type === "noted" ? event.notes : [];

function report(
  { folder, results, seconds }: Extract<FoldsEvent, { type: "result" }>,
  json: PrintJson,
): void {
  console.log(tableText(foldsTable(results)));
  if (results.units) console.log(tableText(eachFoldTable(results)));
  for (const groups of results.groups) console.log(tableText(groupsTable(groups, "test")));
  for (const text of foldsTexts(results)) console.log(text);
  console.log(`\nIn ${duration(seconds)}. Tables and folds: ${folder}   (open ${folder}/report.html)`);
  json({ folder, seconds, ...results });
}

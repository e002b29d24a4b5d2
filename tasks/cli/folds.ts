/** Runs all folds of a protocol in a terminal, for the tasks that train. */
import type { AblateConfig, TrainConfig } from "../../lib/config/mod.ts";
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
import { tell, tellNotes } from "./output.ts";
import { duration } from "./progress.ts";
import { encodeProgress } from "./show.ts";

/** Trains and tests all folds, shows how far they are, and prints the result. */
export async function runFolds(
  config: TrainConfig | AblateConfig,
  options: Omit<AblateOptions, "onProgress">,
  json: PrintJson,
): Promise<void> {
  using encoding = encodeProgress();
  const show = foldsProgress(config.protocol);
  try {
    for await (const event of crossValidate(config, { ...options, onProgress: encoding.update })) {
      encoding.end();
      if (event.type === "result") report(event, json);
      else show(event);
    }
  } finally {
    if (options.signal?.aborted) console.error("Stopped. Nothing is lost: run the same command to continue.");
  }
}

/** Returns a display of how far folds are. `corpus` stands before their notes, if there are several. */
export function foldsProgress(protocol: string, corpus?: string): (event: FoldsEvent) => void {
  let progress = ablationProgress(), folds = 0;
  return (event) => {
    if (event.type === "folds") {
      folds = event.folds.length;
      tell(`${protocol}: ${folds} folds in ${event.folder}`);
    } else if (event.type === "fold") {
      const { fold, testing, event: inner } = event;
      if (inner.type === "planned" && !testing) {
        progress = ablationProgress();
        tell(`fold ${fold.number} of ${folds} tests ${fold.name}`);
      }
      tellNotes(notesOf(inner).map((note) => corpus === undefined ? note : `${corpus}: ${note}`));
      if (!testing) progress.show(inner);
      if (testing && inner.type === "result") tell(`test of fold ${fold.number} of ${folds} is read`);
    }
  };
}

/** Returns the notes of an ablation's event. */
export const notesOf = (event: Extract<FoldsEvent, { type: "fold" }>["event"]): readonly string[] =>
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

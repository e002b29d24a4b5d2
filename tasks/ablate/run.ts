/** Runs an ablation, or all folds of one, in this process, and prints its tables. */
import type { AblateConfig } from "../../lib/config/mod.ts";
import {
  ablate,
  type AblateEvent,
  ablationTable,
  comparisonTables,
  gainText,
  publishedNotes,
  runsFolds,
} from "../../lib/jobs/mod.ts";
import { tableText } from "../../lib/plot/mod.ts";
import { ablationProgress } from "../cli/ablation.ts";
import { runFolds } from "../cli/folds.ts";
import type { PrintJson } from "../cli/main.ts";
import { tellNotes } from "../cli/output.ts";
import { duration } from "../cli/progress.ts";
import { count, encodeProgress } from "../cli/show.ts";

/** Trains what is missing in this process, reads test, and prints the table. */
export async function runAll(
  config: AblateConfig,
  { overwrite, signal, began, headed = true }: {
    overwrite: boolean;
    signal: AbortSignal;
    began: number;
    headed?: boolean;
  },
  json: PrintJson,
): Promise<void> {
  if (runsFolds(config)) return await runFolds(config, { overwrite, signal }, json);
  const encoding = encodeProgress(), progress = ablationProgress(undefined, undefined, headed);
  try {
    for await (const event of ablate(config, { overwrite, signal, onProgress: encoding.update })) {
      encoding.end();
      progress.show(event);
      if (event.type === "planned") tellAbout(event);
      if (event.type === "noted") tellNotes(event.notes);
      if (event.type === "result") report({ ...event, seconds: (performance.now() - began) / 1000 }, json);
    }
  } finally {
    if (signal.aborted) console.error("Stopped. Nothing is lost: run the same command to continue.");
  }
}

function tellAbout({ dataset, rejected }: Extract<AblateEvent, { type: "planned" }>): void {
  tellNotes(dataset.notes);
  if (rejected) {
    tellNotes([
      `${
        count(rejected, "row")
      } can't be used; the reasons are in rejected.csv in the folder of each trained cell`,
    ]);
  }
}

function report(
  { folder, results, seconds }: Extract<AblateEvent, { type: "result" }>,
  json: PrintJson,
): void {
  console.log(tableText(ablationTable(results)).trimEnd());
  for (const note of publishedNotes(results)) console.log(note);
  tellNotes(results.notes ?? []);
  for (const gain of results.gains) console.log(gainText(results, gain));
  for (const table of comparisonTables(results)) console.log(`\n${tableText(table).trimEnd()}`);
  console.log(`\nIn ${duration(seconds)}. Table, figure and cells: ${folder}   (open ${folder}/report.html)`);
  json({ ablation: folder, seconds, ...results });
}

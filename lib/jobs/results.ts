/** Writes results into a run folder: predictions, metrics, figures and the report page. */
import type { Dataset, Rejection, Split } from "../data/mod.ts";
import { csvText, writeFileAtomic, writeJsonAtomic } from "../files/mod.ts";
import { answersFigures } from "../plot/mod.ts";
import { labelMapOf, type TrainConfig } from "../config/mod.ts";
import { writeRunCard } from "./card/run_card.ts";
import type { Durations } from "./durations.ts";
import { groupsCsv } from "./groups.ts";
import { writeFigure } from "./pages.ts";
import { readEvents, readResults } from "./read_results.ts";
import { writeReport } from "./report/run_report.ts";
import type { RunFolder } from "./run_folder.ts";
import type { SplitResult } from "./split_result.ts";
import { predictionOf, predictionsCsv } from "./predictions.ts";
import type { ScoredRow } from "./scored.ts";

export { readEvents, readResults, systemsOf } from "./read_results.ts";

/** Marks the results of a run as those of earlier weights, after its best checkpoint has changed. */
export async function outdateResults(folder: RunFolder): Promise<void> {
  const results = Object.entries(await readResults(folder));
  if (results.every(([, { outdated }]) => outdated)) return;
  const marked = results.map(([split, result]) => [split, { ...result, outdated: true }]);
  await writeJsonAtomic(folder.metrics, Object.fromEntries(marked));
}

/** Adds the result of a split to a run: predictions, metrics, confusion matrix, and an updated report. */
export async function writeSplit(
  folder: RunFolder,
  split: Split,
  dataset: Dataset,
  rows: readonly ScoredRow[],
  result: Omit<SplitResult, "read">,
  { config, seconds }: { config: TrainConfig; seconds?: Durations },
): Promise<SplitResult> {
  const byId = new Map(dataset.rows.map((row) => [row.id, row]));
  const predictions = rows.map(({ id, answer }) => ({
    ...predictionOf(byId.get(id)!, answer, dataset),
    seconds: seconds?.get(id),
    speaker: byId.get(id)!.speaker,
    dialogue: byId.get(id)!.dialogue,
  }));
  await writeFileAtomic(folder.predictions(split), predictionsCsv(predictions, dataset));
  const results = await readResults(folder);
  const read = [...results[split]?.read ?? [], new Date().toISOString()];
  const controls = result.controls ?? results[split]?.controls;
  const written: SplitResult = { ...result, ...labelMapOf(config), ...controls && { controls }, read };
  await writeJsonAtomic(folder.metrics, { ...results, [split]: written });
  if (result.groups) await writeFileAtomic(folder.file(`groups.${split}.csv`), groupsCsv(result.groups));
  const figures = answersFigures(result.metrics, rows, `${folder.name} on ${split}`);
  await Promise.all([
    ...figures.map((figure) => writeFigure(folder.path, `${figure.name}.${split}`, figure)),
    writeReport(folder, config),
  ]);
  const extended = (await readEvents(folder) as { type: string; from?: number }[])
    .flatMap(({ type, from }) => type === "extended" && from !== undefined ? [from] : []);
  await writeRunCard(folder, config, { dataset, results: { ...results, [split]: written }, extended });
  return written;
}

/** Writes a CSV of unusable rows with the reasons; writes no file if there are none. */
export async function writeRejected(path: string, rejected: readonly Rejection[]): Promise<void> {
  if (rejected.length === 0) return;
  const rows = rejected.map(({ id, at, reason }) => [id, at, reason]);
  await writeFileAtomic(path, csvText([["id", "at", "reason"], ...rows]));
}

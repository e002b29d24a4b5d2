/** Results in a run folder: predictions, metrics, figures and the report page. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { Dataset, Rejection, Split } from "../data/mod.ts";
import { absentNotes, areClasses, formatted, type Scores } from "../eval/mod.ts";
import { csvText, readJson, writeFileAtomic, writeJsonAtomic } from "../files/mod.ts";
import {
  answersFigures,
  comparisonTable,
  type Curves,
  curvesFigure,
  type Figure,
  gapTexts,
  groupsTable,
  perClassTable,
} from "../plot/mod.ts";
import { labelMapOf, labelMapTexts, type TrainConfig } from "../config/mod.ts";
import type { TrainEvent } from "../train/mod.ts";
import { writeRunCard } from "./card/run_card.ts";
import { curvesOf } from "./curves.ts";
import type { Durations } from "./durations.ts";
import { groupsCsv } from "./groups.ts";
import { reportedConfig } from "./kept_config.ts";
import { writeFigure, writePage } from "./pages.ts";
import type { RunFolder } from "./run_folder.ts";
import { balancedOf, headlineOf, resultNotes, type Results, type SplitResult } from "./split_result.ts";
import { predictionOf, predictionsCsv, readPredictions } from "./predictions.ts";
import type { ScoredRow } from "./scored.ts";

/**
 * Reads the results of a run so far, by split.
 *
 * @example
 * ```ts
 * import { configure, openRun, readResults, trainRun } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ method: "text_only", epochs: 1, name: "first", out });
 * await Array.fromAsync(trainRun(config));
 * const { dev } = await readResults(openRun(`${out}/first`));
 * console.log(dev?.metrics.macro_f1);
 * ```
 */
export async function readResults({ metrics }: RunFolder): Promise<Results> {
  if (!existsSync(metrics)) return {};
  const results = await readJson(metrics) as Record<
    string,
    SplitResult & { floors?: SplitResult["controls"] }
  >;
  // Version 0.1 named controls "floors".
  return Object.fromEntries(
    Object.entries(results).map(([split, { floors, ...result }]) => [
      split,
      floors ? { controls: floors, ...result } : result,
    ]),
  );
}

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
  }));
  await writeFileAtomic(folder.predictions(split), predictionsCsv(predictions, dataset));
  const results = await readResults(folder);
  const read = [...results[split]?.read ?? [], new Date().toISOString()];
  const controls = result.controls ?? results[split]?.controls;
  const written: SplitResult = { ...result, ...labelMapOf(config), ...controls && { controls }, read };
  await writeJsonAtomic(folder.metrics, { ...results, [split]: written });
  for (const figure of answersFigures(result.metrics, rows, `${folder.name}, ${split}`)) {
    await writeFigure(folder.path, `${figure.name}.${split}`, figure);
  }
  if (result.groups) await writeFileAtomic(folder.file(`groups.${split}.csv`), groupsCsv(result.groups));
  await writeReport(folder, config);
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

/** Writes the report page of a run from the files in its folder and the configuration of its checkpoint. */
export async function writeReport(folder: RunFolder, ofCheckpoint: TrainConfig): Promise<void> {
  const [config, environment, results, curves] = await Promise.all([
    reportedConfig(folder.config, { ...ofCheckpoint, name: folder.name }),
    readJson(folder.environment).catch(() => "environment.json can't be read"),
    readResults(folder),
    readCurves(folder),
  ]);
  const splits = (Object.entries(results) as [Split, SplitResult][])
    .filter(([, { outdated }]) => !outdated).reverse(); // test before dev
  const figures: Figure[] = [];
  for (const [split, { metrics }] of splits) {
    figures.push(...answersFigures(metrics, await readAnswers(folder, split, metrics), split));
  }
  if (curves) {
    const figure = curvesFigure(curves);
    await writeFigure(folder.path, "curves", figure);
    figures.push(figure);
  }
  await writePage(folder.report, {
    title: folder.name,
    subtitle: `${config.method} on ${
      basename(config.data)
    }, text ${config.text}, speech ${config.audio}, seed ${config.seed}`,
    facts: Object.fromEntries(
      splits.flatMap(([split, result]) =>
        [headlineOf(result), balancedOf(result) ?? []].flat().map(({ metric, value, interval }) => {
          const ends = interval?.interval_95.map((end) => formatted(metric, end).replace(" %", ""));
          const range = ends ? ` (95 %: ${ends[0]} to ${ends[1]})` : "";
          return [`${metric.label}, ${split}`, formatted(metric, value) + range];
        })
      ),
    ),
    tables: splits.flatMap(([split, result]) => [
      comparisonTable(systemsOf(config.method, result), split),
      perClassTable(result.metrics, `${config.method}, ${split}`),
      ...(result.groups ?? []).map((groups) => groupsTable(groups, split)),
    ]),
    notes: [
      ...labelMapTexts(labelMapOf(config)),
      ...splits.flatMap(([split, result]) => [
        ...resultNotes(result, split).map((note) => `${split}: ${note}`),
        ...absentNotes(result.metrics, split),
        ...(result.groups ?? []).flatMap(gapTexts),
      ]),
    ],
    figures,
    details: { config, environment },
  });
}

/**
 * Lists a model's metrics followed by those of its controls, for `comparisonTable`.
 *
 * @example
 * ```ts
 * import { comparisonTable, metrics, show, systemsOf } from "@undertone/undertone";
 *
 * const controls = { majority: metrics([0, 1, 1], [1, 1, 1], ["joy", "anger"]) };
 * const result = { metrics: metrics([0, 1, 1], [0, 1, 1], ["joy", "anger"]), controls };
 * show(comparisonTable(systemsOf("memocmt", result)));
 * ```
 */
export const systemsOf = (
  name: string,
  { metrics, controls = {}, normalize }: Pick<SplitResult, "metrics" | "controls" | "normalize">,
): { name: string; metrics: Scores; strong?: boolean }[] => [
  { name: [name, normalize ?? []].flat().join(", "), metrics, strong: true },
  ...Object.entries(controls).reverse().map(([control, metrics]) => ({
    name: `${control} (control)`,
    metrics,
  })),
];

/** Reads the answers to the rows of a split, where a figure needs them. */
async function readAnswers(folder: RunFolder, split: Split, metrics: Scores): Promise<ScoredRow[]> {
  const path = folder.predictions(split);
  if (areClasses(metrics) || !existsSync(path)) return [];
  const { target, per_label } = metrics;
  return readPredictions(await Deno.readTextFile(path), {
    target,
    labels: per_label.map(({ label }) => label),
  });
}

/** Reads loss and dev metrics per epoch from the run's events. */
async function readCurves(folder: RunFolder): Promise<Curves | undefined> {
  const curves = curvesOf(await readEvents(folder), `${folder.name}: training`);
  return curves.epochs.length > 0 ? curves : undefined;
}

/** Reads the events of a run's training so far. */
export async function readEvents({ events }: RunFolder): Promise<TrainEvent[]> {
  if (!existsSync(events)) return [];
  const lines = (await Deno.readTextFile(events)).split("\n").filter(Boolean);
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as TrainEvent];
    } catch {
      return []; // a killed run leaves a truncated last line
    }
  });
}

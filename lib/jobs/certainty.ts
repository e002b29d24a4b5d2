/** How sure a run is of a split, from kept predictions: calibration, conformal sets, selective prediction. */
import { existsSync } from "node:fs";
import type { Split } from "../data/mod.ts";
import {
  allMetrics,
  areClasses,
  type Calibrator,
  type Certainty,
  certaintyOf,
  type CertaintyOptions,
  classesOf,
  fewestRows,
  fitCalibrator,
  type JudgedRows,
} from "../eval/mod.ts";
import { badInput, UndertoneError } from "../errors.ts";
import { readAnswersOf } from "./predictions.ts";
import { readResults } from "./read_results.ts";
import { openRun, type RunFolder } from "./run_folder.ts";
import type { ScoredRow } from "./scored.ts";
import type { SplitResult } from "./split_result.ts";

/**
 * Measures how sure a run is of a split: calibration before and after temperature scaling, conformal sets,
 * and errors among the surest rows. It reads the run's kept predictions and computes nothing anew: the split
 * must be evaluated. Temperature and sets are fitted on dev. Throws UndertoneError if predictions are missing
 * or are of earlier weights, or if the targets are no classes.
 *
 * @example
 * ```ts
 * import { calibrationTable, certainty, configure, show, trainRun } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ method: "text_only", epochs: 1, name: "first", out });
 * await Array.fromAsync(trainRun(config));
 * show(calibrationTable({ first: await certainty(`${out}/first`, "dev", { coverage: 0.8 }) }, "dev"));
 * ```
 */
export async function certainty(
  run: string | RunFolder,
  split: Split = "dev",
  options: CertaintyOptions = {},
): Promise<Certainty> {
  const folder = typeof run === "string" ? openRun(run) : run;
  const dev = await keptRows(folder, "dev"), rows = split === "dev" ? dev : await keptRows(folder, split);
  return withNotes(certaintyOf(rows, dev, dev.labels, options), [
    ...split === "train"
      ? ["The model was trained on these rows, so it is surer of them than of new ones."]
      : [],
    ...chosenNotes(dev.result),
    ...sharedNotes(rows.result, split),
  ]);
}

/** The same for rows of other data, which the run's results don't hold. Throws UndertoneError. */
async function certaintyOfOther(
  folder: RunFolder,
  rows: readonly ScoredRow[],
  options: CertaintyOptions = {},
): Promise<Certainty> {
  const dev = await keptRows(folder, "dev");
  return withNotes(certaintyOf(judged(rows), dev, dev.labels, options), [
    "These are other data than the run's dev rows, which fitted temperature and sets: nothing ensures that they hold here.",
    ...chosenNotes(dev.result),
  ]);
}

/** Measures how sure a run is of a split that it keeps, or of other rows. If it can't, a note says why. */
export async function certaintyIfKept(
  folder: RunFolder,
  of: Split | readonly ScoredRow[],
): Promise<{ calibration?: Certainty; notes: string[] }> {
  try {
    const calibration = typeof of === "string"
      ? await certainty(folder, of)
      : await certaintyOfOther(folder, of);
    return { calibration, notes: [] };
  } catch (error) {
    if (!(error instanceof UndertoneError)) throw error;
    return { notes: [`Calibration is left out. ${error.message}`] };
  }
}

/**
 * Fits temperature and sets to the dev predictions of a run for a model with these labels. Throws
 * UndertoneError if it has none, or too few of them for sets.
 */
export async function calibratorOf(
  run: string,
  labels: readonly string[],
  coverage: number,
): Promise<Required<Calibrator>> {
  const dev = await keptRows(openRun(run), "dev", labels),
    { rule, ...rest } = fitCalibrator(dev, { coverage });
  if (rule) return { ...rest, rule };
  throw badInput({
    expected: `at least ${fewestRows(coverage)} dev rows for sets at ${Math.round(coverage * 1e4) / 100} %`,
    found: `${dev.truth.length}`,
    at: run,
    todo: "Ask for sets of a lower coverage.",
  });
}

interface KeptRows extends JudgedRows {
  labels: readonly string[];
  result: SplitResult;
}

/** Reads the predictions of a split, with the labels in the order of `labels` or of the result. */
async function keptRows(folder: RunFolder, split: Split, labels?: readonly string[]): Promise<KeptRows> {
  const result = (await readResults(folder))[split], path = folder.predictions(split);
  if (!result || result.outdated || !existsSync(path)) {
    throw badInput({
      expected: `predictions on ${split} by the run's best weights`,
      found: result?.outdated ? "those of earlier weights" : "none",
      at: folder.path,
      todo: `Evaluate it: deno task evaluate --run ${folder.path} --split ${split}.`,
    });
  }
  if (!areClasses(result.metrics)) {
    throw badInput({
      expected: "a run with one class per row",
      found: `targets of the kind '${result.metrics.target}'`,
      at: folder.path,
      todo: "Calibration is for class targets. The metrics and figures of this run do without it.",
    });
  }
  const own = labels ?? result.metrics.per_class.map(({ label }) => label);
  return { ...judged(await readAnswersOf(path, result.metrics, own)), labels: own, result };
}

const judged = (rows: readonly ScoredRow[]): JudgedRows => ({
  truth: classesOf(rows.map(({ target }) => target)),
  probabilities: rows.map(({ answer }) => answer),
});

const withNotes = (certainty: Certainty, notes: readonly string[]): Certainty => ({
  ...certainty,
  notes: [...notes, ...certainty.notes],
});

/** Says that dev has chosen the epoch, too. */
function chosenNotes({ chosen_by }: SplitResult): string[] {
  if (chosen_by === undefined) return [];
  const label = allMetrics().find(({ id }) => id === chosen_by)?.label ?? chosen_by;
  return [
    `Dev fits temperature and sets, and it has also chosen the epoch, by ${label}. On new rows both may do a ` +
    "little worse.",
  ];
}

/** Says that rows are not independent, as intervals and sets take them. */
function sharedNotes(result: SplitResult, split: Split): string[] {
  const { weighted_f1_interval: interval } = result;
  if (interval === undefined || !areClasses(result.metrics) || interval.clusters >= result.metrics.n) {
    return [];
  }
  return [
    `The ${result.metrics.n} rows of ${split} are of ${interval.clusters} ${interval.by}s, and those of one are not ` +
    "independent: intervals of bins and sets are too narrow.",
  ];
}

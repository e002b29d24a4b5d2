/** The folder of a run: the paths of its files, and how it is opened. */
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { badInput } from "../errors.ts";
import { nearestBeside } from "../files/mod.ts";
import { fromProject } from "../paths.ts";
import type { Split } from "../data/mod.ts";
import { isPretrained, pretrainedPath } from "./pretrained.ts";
import type { Frame } from "./frames/danfo.ts";

/** The first folder that a run creates; its presence identifies a run. */
export const CHECKPOINTS = "checkpoints";

/** The folder of copies of the user's modules in a run folder. */
export const MODULES = "modules";

/** Paths of a run's files. */
export interface RunFolder {
  /** The run folder. */
  path: string;
  /** Name of the run. */
  name: string;
  /** Complete configuration. */
  config: string;
  /** The machine that the run used. */
  environment: string;
  /** The events of the run, one JSON object per line. */
  events: string;
  /** Checkpoint of the newest epoch, or of the step where the run stopped; resuming starts from it. */
  last: string;
  /** Checkpoint of the best epoch by the selected dev metric. */
  best: string;
  /** Results by split. */
  metrics: string;
  /** Unusable rows with the reasons; no file if there are none. */
  rejected: string;
  /** Ids of the rows of each split. */
  rows: string;
  /** What the data held when the run was trained: counts, the folder of the clips, notes. */
  data: string;
  /** The report page. */
  report: string;
  /** The model card. */
  card: string;
  /** Predictions on a split, as CSV. */
  predictions(split: Split): string;
  /** The epochs as a data frame, or the predictions on a split. Throws UndertoneError if there are none. */
  frame(split?: Split): Promise<Frame>;
  /** Any other file in the folder. */
  file(name: string): string;
}

/** Returns the paths of the run in `path`; the files need not exist. */
export function runFolder(path: string): RunFolder {
  const file = (name: string) => join(path, name);
  const folder: RunFolder = {
    path,
    name: basename(resolve(path)),
    config: file("config.json"),
    environment: file("environment.json"),
    events: file("events.jsonl"),
    last: file(`${CHECKPOINTS}/last.safetensors`),
    best: file(`${CHECKPOINTS}/best.safetensors`),
    metrics: file("metrics.json"),
    rejected: file("rejected.csv"),
    rows: file("rows.json"),
    data: file("data.json"),
    report: file("report.html"),
    card: file("MODEL_CARD.md"),
    predictions: (split) => file(`predictions.${split}.csv`),
    frame: async (split) => await (await import("./frames/frame.ts")).runFrame(folder, split),
    file,
  };
  return folder;
}

/**
 * Opens an existing run. A relative path starts at the project's folder. Throws UndertoneError if `path` is
 * not a run.
 *
 * @example
 * ```ts
 * import { configure, openRun, trainRun } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ method: "text_only", epochs: 1, name: "first", out });
 * await Array.fromAsync(trainRun(config));
 * const run = openRun(`${out}/first`);
 * console.log(run.best, run.report);
 * ```
 */
export function openRun(given: string): RunFolder {
  const path = fromProject(given), folder = runFolder(path);
  if (existsSync(folder.config)) return folder;
  if (existsSync(folder.best) || existsSync(folder.last)) {
    throw badInput({
      expected: "the folder of a run",
      found: "one that has lost its config.json",
      at: path,
      todo: "Restore that file. Until then 'deno task infer --checkpoint' still reads the weights.",
    });
  }
  if (existsSync(join(path, CHECKPOINTS))) {
    throw badInput({
      expected: "the folder of a run",
      found: "one whose run ended before it began to train",
      at: path,
      todo: `Start it again with --name ${folder.name} --overwrite.`,
    });
  }
  const isThere = existsSync(path), meant = isThere ? undefined : nearRun(given);
  throw badInput({
    expected: "the folder of a run",
    found: !isThere ? "nothing" : Deno.statSync(path).isFile ? "a file" : "a folder without config.json",
    at: path,
    todo: (meant ? `Did you mean ${meant}? If not, give` : "Give") +
      " the folder of one run, e.g. outputs/<name>. Folds, ablations and matrices hold runs: " +
      "'deno task runs list --cells' lists them.",
  });
}

/** Returns the run beside a path whose name is nearest to the path's, or undefined. */
function nearRun(given: string): string | undefined {
  const path = fromProject(given), folder = dirname(path);
  const meant = nearestBeside(path, ({ name }) => existsSync(runFolder(join(folder, name)).config));
  return meant && join(dirname(given), meant);
}

/**
 * Returns the checkpoint of `path`: the file itself, or
 * a run's best, or its last before the first epoch ends.
 * `pretrained` is the model that comes with the project.
 */
export function checkpointPath(given: string): string {
  if (isPretrained(given)) return pretrainedPath();
  const path = fromProject(given);
  if (existsSync(path) && Deno.statSync(path).isFile) return path;
  const folder = openRun(path);
  const found = [folder.best, folder.last].find(existsSync);
  if (found) return found;
  throw badInput({
    expected: "a checkpoint",
    found: "a run without one",
    at: path,
    todo: "The run ended before its first checkpoint: train again.",
  });
}

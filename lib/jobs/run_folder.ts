/** The folder of a run: the paths of its files, and how it is created and opened. */
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { badInput } from "../errors.ts";
import type { Split } from "../data/mod.ts";

/** The first folder that a run creates; its presence identifies a run. */
const CHECKPOINTS = "checkpoints";

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
  /** The report page. */
  report: string;
  /** Predictions on a split, as CSV. */
  predictions(split: Split): string;
  /** Any other file in the folder. */
  file(name: string): string;
}

/** Returns the paths of the run in `path`; the files need not exist. */
export function runFolder(path: string): RunFolder {
  const file = (name: string) => join(path, name);
  return {
    path,
    name: basename(resolve(path)),
    config: file("config.json"),
    environment: file("environment.json"),
    events: file("events.jsonl"),
    last: file(`${CHECKPOINTS}/last.safetensors`),
    best: file(`${CHECKPOINTS}/best.safetensors`),
    metrics: file("metrics.json"),
    rejected: file("rejected.csv"),
    report: file("report.html"),
    predictions: (split) => file(`predictions.${split}.csv`),
    file,
  };
}

/**
 * Throws UndertoneError if the wanted name is taken. A run may
 * be replaced only with `overwrite`, and other folders never.
 */
export function requireFree(out: string, { name, overwrite }: { name?: string; overwrite: boolean }): void {
  const path = name && join(out, name);
  if (!path || !existsSync(path) || isEmpty(path)) return;
  const isRun = existsSync(join(path, CHECKPOINTS));
  if (isRun && overwrite) return;
  throw badInput({
    expected: "a new run name",
    found: isRun ? `the run '${name}'` : "something that is not a run",
    at: path,
    todo: isRun
      ? "Choose another --name, continue it with --resume, or replace it with --overwrite."
      : "Choose another --name.",
  });
}

/** Creates the folder `out/name`. A fallback name gets a number if it is taken. */
export async function createRun(
  out: string,
  wanted: { name?: string; fallback: string; overwrite: boolean },
): Promise<RunFolder> {
  requireFree(out, wanted);
  // The fallback includes the data set's name, which can have any character.
  const wish = wanted.name ?? wanted.fallback.replaceAll(/[^\w.-]+/g, "_");
  if (wanted.name && existsSync(join(out, wish))) await Deno.remove(join(out, wish), { recursive: true });
  await Deno.mkdir(out, { recursive: true });
  let name = wish;
  for (let i = 2; !await made(join(out, name)); i++) name = `${wish}-${i}`;
  const folder = runFolder(join(out, name));
  await Deno.mkdir(join(folder.path, CHECKPOINTS));
  return folder;
}

/** Returns whether a folder is empty: a killed process can leave an empty run folder. */
const isEmpty = (path: string) => Deno.statSync(path).isDirectory && [...Deno.readDirSync(path)].length === 0;

/** Creates a folder. Returns false if it exists, so that only one of several processes gets it. */
async function made(path: string): Promise<boolean> {
  try {
    await Deno.mkdir(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}

/**
 * Opens an existing run. Throws UndertoneError if `path` is not a run.
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
export function openRun(path: string): RunFolder {
  const folder = runFolder(path);
  if (existsSync(folder.config)) return folder;
  throw badInput({
    expected: "the folder of a run",
    found: !existsSync(path)
      ? "nothing"
      : Deno.statSync(path).isFile
      ? "a file"
      : "a folder without config.json",
    at: path,
    todo: "Give the folder that `train` printed at its end, e.g. outputs/<name>.",
  });
}

/**
 * Returns the checkpoint of `path`: the file itself, or
 * a run's best, or its last before the first epoch ends.
 */
export function checkpointPath(path: string): string {
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

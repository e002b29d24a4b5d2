/** The folder of a run: which file stands where, made once and opened again. */
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { badInput } from "../errors.ts";
import type { Split } from "../data/mod.ts";

/** Made first of all in a run's folder, and by it known as one. */
const CHECKPOINTS = "checkpoints";

/** Copies of the user's modules, in the run's folder. */
export const MODULES = "modules";

/** Paths of a run's files. */
export interface RunFolder {
  /** The folder itself. */
  path: string;
  /** Its name. */
  name: string;
  /** Configuration, complete. */
  config: string;
  /** The machine that it ran on. */
  environment: string;
  /** What it told, one JSON object a line. */
  events: string;
  /** Parameters at the end of the newest epoch (or where the run was stopped), with all that resuming needs. */
  last: string;
  /** Parameters of the best epoch by the chosen dev metric. */
  best: string;
  /** Results by split. */
  metrics: string;
  /** Rows that could not be used, with reasons; no file where there are none. */
  rejected: string;
  /** The page that shows all of it. */
  report: string;
  /** Predictions on a split, as CSV. */
  predictions(split: Split): string;
  /** Any other file of the run. */
  file(name: string): string;
}

/** The files of a run in `path`, existing or not. */
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

/** Throws UndertoneError where something of the wanted name is there that may not be replaced: a run only when told so. */
export function requireFree(out: string, { name, overwrite }: { name?: string; overwrite: boolean }): void {
  const path = name && join(out, name);
  if (!path || !existsSync(path) || isEmpty(path)) return;
  const isRun = existsSync(join(path, CHECKPOINTS));
  if (isRun && overwrite) return;
  throw badInput({
    expected: "a new run name",
    found: isRun ? `the run '${name}'` : "something that is no run",
    at: path,
    todo: isRun
      ? "Choose another --name, go on with --resume, or replace it with --overwrite."
      : "Choose another --name.",
  });
}

/** A fresh folder `out/name`; a name that was not asked for is numbered where it is taken. */
export async function createRun(
  out: string,
  wanted: { name?: string; fallback: string; overwrite: boolean },
): Promise<RunFolder> {
  requireFree(out, wanted);
  const wish = wanted.name ?? wanted.fallback.replaceAll(/[^\w.-]+/g, "_"); // names of data may hold anything
  if (wanted.name && existsSync(join(out, wish))) await Deno.remove(join(out, wish), { recursive: true });
  await Deno.mkdir(out, { recursive: true });
  let name = wish;
  for (let i = 2; !await made(join(out, name)); i++) name = `${wish}-${i}`;
  const folder = runFolder(join(out, name));
  await Deno.mkdir(join(folder.path, CHECKPOINTS));
  return folder;
}

/** A folder that a kill may have left just after it was made. */
const isEmpty = (path: string) => Deno.statSync(path).isDirectory && [...Deno.readDirSync(path)].length === 0;

/** Makes a folder, unless it is there: of processes that want the same one, one has it. */
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
 * An existing run. Throws UndertoneError where `path` is none.
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
    todo: "Give the folder that `train` named at its end, e.g. outputs/<name>.",
  });
}

/** The checkpoint that `path` means: a file itself, or a run's best (its last, where no epoch has ended yet). */
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

/** A trained model as one ONNX file, compared with the model before it is written. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { useEngine } from "../compute/mod.ts";
import { disposeParams } from "../nn/mod.ts";
import { type Dataset, loadDataset, rowsOf } from "../data/mod.ts";
import { badInput, UndertoneError } from "../errors.ts";
import type { Check, ExportAbout, Part, Trial } from "../export/mod.ts";
import { requireWritable, writeFileAtomic, writeJsonAtomic } from "../files/mod.ts";
import type { TrainConfig } from "../config/mod.ts";
import { loadModel } from "./required_code.ts";
import { checkpointPath } from "./run_folder.ts";

/** Utterances that the file is compared on. */
const TRIALS = 6;

/** Where an exported model goes. */
export interface ExportOptions {
  /** Path of the file, which ends in .onnx. */
  to: string;
  /** Replace files that are there. */
  overwrite?: boolean;
  /** Modules of the user's to import first: those that the model was trained with. */
  use?: readonly string[];
  /** Ends it early, with the signal's reason as error. */
  signal?: AbortSignal;
}

/** What was written. */
export interface Exported {
  /** Paths that were written: the model, what is said of it, and the tokenizer where text is read. */
  files: { model: string; about: string; tokenizer?: string };
  /** Size of the model's file. */
  bytes: number;
  /** What is said of the model. */
  about: ExportAbout;
  /** How it answered; `source` is the data set whose utterances it was asked. */
  check: Check & { source: string };
  /** What whoever uses the file should know. */
  notes: string[];
}

/**
 * Writes the model of a run or checkpoint as one file, or nothing. Throws UndertoneError.
 *
 * @example
 * ```ts
 * import { configure, exportModel, trainRun } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ method: "text_only", epochs: 1, name: "first", out });
 * await Array.fromAsync(trainRun(config));
 * const { files, check } = await exportModel(`${out}/first`, { to: `${out}/model.onnx` });
 * console.log(files.model, check.difference); // how far its answers are from ours
 * ```
 */
export async function exportModel(
  path: string,
  { to, overwrite = false, use, signal }: ExportOptions,
): Promise<Exported> {
  const checkpoint = checkpointPath(path);
  requireOnnxName(to);
  // ONNX Runtime is loaded by whoever exports, and not by everybody who imports this room.
  const { aboutOf, checkFile, classifierGraph, metadataOf, partsOf, trialsOf } = await import(
    "../export/mod.ts"
  );
  await useEngine({ device: "cpu" });
  const { model, config, notes } = await loadModel(checkpoint, use);
  let parts: Part[] = [];
  try {
    parts = await partsOf(model, checkpoint);
    const tokenizer = parts.find(({ inputs }) => inputs.tokenizer)?.inputs.tokenizer;
    const files: Exported["files"] = { model: to, about: to.replace(/onnx$/, "json") };
    if (tokenizer !== undefined) files.tokenizer = join(dirname(to), "tokenizer.json");
    if (!overwrite) requireFreePaths(Object.values(files));
    await requireWritable(dirname(to));
    signal?.throwIfAborted();

    const about = aboutOf(model, parts), metadata = metadataOf(about);
    const bytes = classifierGraph(model, parts, { metadata, at: checkpoint });
    signal?.throwIfAborted();
    const { trials, source } = await someTrials(config, (rows) => trialsOf(model, parts, rows));
    const check = { ...await checkFile(bytes, model, parts, trials), source };
    signal?.throwIfAborted();
    if (files.tokenizer) await writeJsonAtomic(files.tokenizer, tokenizer);
    await writeJsonAtomic(files.about, about);
    await writeFileAtomic(files.model, bytes);
    return { files, bytes: bytes.length, about, check, notes };
  } finally {
    disposeParams(model.params);
    for (const { frozen, inside } of parts) if (frozen && inside) disposeParams(inside.params);
  }
}

/** Utterances of the run's dev split or, where they are out of reach, of the embedded sample. */
async function someTrials(
  { data, encoding }: Pick<TrainConfig, "data" | "encoding">,
  read: (dataset: Dataset) => Promise<Trial[]>,
): Promise<{ trials: Trial[]; source: string }> {
  for (const source of [data, "sample"]) {
    try {
      const own = source === data ? encoding : undefined;
      const dataset = await loadDataset(source, { labelled: false, encoding: own }),
        dev = rowsOf(dataset, "dev");
      const rows = dev.filter((_, i) => i % Math.ceil(dev.length / TRIALS) === 0);
      const trials = await read({ ...dataset, rows });
      if (trials.length) return { trials, source };
    } catch (error) {
      if (source === "sample" || !(error instanceof UndertoneError)) throw error;
    }
  }
  throw new UndertoneError("Not one clip of the embedded sample can be read.", "internal");
}

function requireOnnxName(path: string): void {
  if (path.endsWith(".onnx") && !(existsSync(path) && Deno.statSync(path).isDirectory)) return;
  throw badInput({
    expected: "the path of a file that ends in .onnx",
    found: path.endsWith(".onnx") ? "a folder" : `'${path}'`,
    at: "--to",
    todo: "Write, for example, --to model.onnx.",
  });
}

function requireFreePaths(paths: readonly string[]): void {
  const taken = paths.find(existsSync);
  if (taken === undefined) return;
  throw badInput({
    expected: "a path where nothing is yet",
    found: "a file",
    at: taken,
    todo: "Name another place with --to, or replace it with --overwrite.",
  });
}

/** Exports a trained model as one ONNX file, after comparing its outputs with the model's. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { useEngine } from "../compute/mod.ts";
import { disposeParams } from "../nn/mod.ts";
import { type Dataset, isMissing, loadDataset, rowsOf } from "../data/mod.ts";
import type { Modality } from "../encoders/mod.ts";
import { badInput, UndertoneError } from "../errors.ts";
import type { Check, ExportAbout, Part, Trial } from "../export/mod.ts";
import { requireWritable, writeFileAtomic, writeJsonAtomic } from "../files/mod.ts";
import { labelMapOf, type TrainConfig } from "../config/mod.ts";
import type { Classifier } from "../model/mod.ts";
import { fromProject } from "../paths.ts";
import { normalizeNamed } from "./normalized.ts";
import { loadModel, requireDataSource } from "./required_code.ts";
import { isPretrained } from "./pretrained.ts";
import { loadRunData } from "./run_data.ts";
import { checkpointPath } from "./run_folder.ts";

/** Number of utterances on which the file is compared with the model. */
const TRIALS = 6;

/** Options of an export. */
export interface ExportOptions {
  /** Path of the model file; ends in .onnx. */
  to: string;
  /** Replace existing files. */
  overwrite?: boolean;
  /** Refuse a model whose file would take hidden states, because an encoder can't be in it. */
  whole?: boolean;
  /** Also give how many hidden states of each modality there are: `text_count`, `speech_count`. */
  counts?: boolean;
  /** Your modules that the model was trained with; they are imported first. */
  use?: readonly string[];
  /** Stops early and throws the signal's reason. */
  signal?: AbortSignal;
}

/** The written files and the result of the comparison. */
export interface Exported {
  /** Paths of the written files: the model, its description, and the tokenizer if the model reads text. */
  files: { model: string; about: string; tokenizer?: string };
  /** Size of the model file in bytes. */
  bytes: number;
  /** The description of the model. */
  about: ExportAbout;
  /** The comparison with the model; `source` is the data set of the compared utterances. */
  check: Check & { source: string };
  /** Notes for users of the file. */
  notes: string[];
}

/**
 * Exports the model of a run or checkpoint as one ONNX
 * file. Writes nothing if it fails. Throws UndertoneError.
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
  { overwrite = false, whole = false, counts = false, use, signal, ...options }: ExportOptions,
): Promise<Exported> {
  const checkpoint = checkpointPath(path), to = fromProject(options.to);
  requireOnnxName(to);
  // Loaded here, so that importing this room does not load ONNX Runtime.
  const { aboutOf, checkFile, classifierGraph, fileInputs, isInside, metadataOf, partsOf, trialsOf } =
    await import("../export/mod.ts");
  await useEngine({ device: "cpu" });
  const { model, config, about: trained, notes } = await loadModel(checkpoint, use);
  requireUtterances(config, checkpoint);
  let parts: Part[] = [];
  try {
    parts = await partsOf(model, checkpoint);
    const outside = whole ? parts.find((part) => !isInside(part)) : undefined;
    if (outside) throw notWhole(model.encoders[outside.inputs.modality]!.id, checkpoint);
    const tokenizer = parts.map((part) => fileInputs(part).tokenizer).find((file) => file);
    const files: Exported["files"] = { model: to, about: to.replace(/onnx$/, "json") };
    if (tokenizer !== undefined) files.tokenizer = join(dirname(to), "tokenizer.json");
    if (!overwrite) requireFreePaths(Object.values(files));
    else requireNoModel(dirname(to), Object.values(files));
    await requireWritable(dirname(to));
    signal?.throwIfAborted();

    const scaling = withoutGroups(model, config);
    if (scaling) notes.push(scaling);
    const said = { ...labelMapOf(config), ...scaling && { scaling } };
    const about = { ...aboutOf(model, parts, { counts }), ...said }, metadata = metadataOf(about);
    const bytes = classifierGraph(model, parts, { metadata, at: checkpoint, counts });
    signal?.throwIfAborted();
    const stored = parts.flatMap(({ inputs, frozen }) => frozen?.stored ? [inputs.modality] : []);
    const { trials, source, note } = await someTrials(
      { data: config.data, isOurs: isPretrained(path) },
      () => requireDataSource(config.data, trained.modules, checkpoint),
      () => loadRunData(fromProject(path), { about: trained, config }, stored),
      (rows) => trialsOf(model, parts, rows),
      stored,
    );
    if (note) notes.push(note);
    const check = { ...await checkFile(bytes, model, parts, trials), source };
    signal?.throwIfAborted();
    if (files.tokenizer) await writeJsonAtomic(files.tokenizer, tokenizer);
    await writeJsonAtomic(files.about, about);
    await writeFileAtomic(files.model, bytes);
    const ids = about.token_ids === undefined ? [] : [`${files.tokenizer}: ${about.token_ids}`];
    return { files, bytes: bytes.length, about, check, notes: [...notes, ...ids] };
  } finally {
    disposeParams(model.params);
    for (const { frozen, inside } of parts) if (frozen && inside) disposeParams(inside.params);
  }
}

const notWhole = (encoder: string, at: string): UndertoneError =>
  badInput({
    expected: "a model whose encoders can all be in one ONNX file",
    found: `the encoder ${encoder}, which can't be in it,`,
    at,
    todo: "Take a model with embedded encoders, or with encoders from Hugging Face folders (hf:).",
  });

/** Returns what a file does in place of scaling by groups; nothing if the model does not scale so. */
function withoutGroups(model: Classifier, config: TrainConfig): string | undefined {
  const { normalize } = normalizeNamed(model, config);
  return normalize && `The model scales ${normalize}. A file sees single utterances, so it scales by the ` +
      "statistics of the train split, as for a row without a group.";
}

/**
 * Runs trial utterances of the run's dev split. If the data can't be read, they are those of the embedded
 * sample, and the note says why.
 */
async function someTrials(
  { data, isOurs }: { data: string; isOurs: boolean },
  requireSource: () => Promise<void>,
  load: () => Promise<Dataset>,
  read: (dataset: Dataset) => Promise<Trial[]>,
  stored: readonly Modality[],
): Promise<{ trials: Trial[]; source: string; note?: string }> {
  const some = async (dataset: Dataset) => {
    const dev = rowsOf(dataset, "dev");
    return await read({ ...dataset, rows: dev.filter((_, i) => i % Math.ceil(dev.length / TRIALS) === 0) });
  };
  let reason = `No row of the split 'dev' of ${data} can be read.`;
  try {
    await requireSource();
    if (stored.length === 0 && await isMissing(data)) {
      reason = isOurs
        ? "The data of the model that comes with the project are no part of it."
        : `${data} is not here. To compare with it, put it there and export again.`;
    } else {
      const trials = await some(await load());
      if (trials.length) return { trials, source: data };
    }
  } catch (error) {
    // The sample has no stored features.
    if (stored.length > 0 || !(error instanceof UndertoneError)) throw error;
    reason = error.message;
  }
  if (stored.length > 0) {
    throw badInput({
      expected: "rows of the split 'dev' with features, to compare the file with the model",
      found: "none",
      at: data,
      todo: "Put the run's data and features back where they were.",
    });
  }
  const trials = await some(await loadDataset("sample"));
  const note = `The file was compared with the model on the embedded sample, not on its own data. ${reason}`;
  if (trials.length) return { trials, source: "sample", note };
  throw new UndertoneError("No clip of the embedded sample can be read.", "internal");
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
    expected: "a path without a file",
    found: "an existing file",
    at: taken,
    todo: "Choose another path with --to, or replace the file with --overwrite.",
  });
}

/** Throws UndertoneError if an export would replace a file of a run or of a model that transformers reads. */
function requireNoModel(folder: string, paths: readonly string[]): void {
  const config = join(folder, "config.json"), taken = paths.filter((path) => existsSync(path));
  const isModel = existsSync(config) && isModelConfig(Deno.readTextFileSync(config));
  const lost = taken.find((path) => path === config || isModel);
  if (lost === undefined) return;
  throw badInput({
    expected: "a place where an earlier export may be replaced",
    found: `a file of the ${isModel ? "model" : "run"} that is there`,
    at: lost,
    todo: "Choose a path in another folder with --to.",
  });
}

/** Whether a config.json is that of a model that transformers reads. */
function isModelConfig(text: string): boolean {
  try {
    return "model_type" in JSON.parse(text);
  } catch {
    return false;
  }
}

/**
 * Throws UndertoneError for a model that reads dialogues: the inputs of a file are those of one utterance.
 */
function requireUtterances({ context }: TrainConfig, at: string): void {
  if (!context) return;
  throw badInput({
    expected: "a model that reads single utterances",
    found: "one that reads the dialogue around them (--context)",
    at,
    todo: "Export a model that is trained without --context, or predict with deno task infer --input.",
  });
}

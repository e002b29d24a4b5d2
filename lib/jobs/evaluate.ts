/** A trained model on one split of its data (or of other data with the same labels). */
import { existsSync } from "node:fs";
import { useEngine } from "../compute/mod.ts";
import { disposeParams } from "../nn/mod.ts";
import type { Rejection, Split } from "../data/mod.ts";
import type { EncodeProgress } from "../encoders/mod.ts";
import { loadClassifier, requireSameEncoders } from "../model/mod.ts";
import { labelled } from "./fit.ts";
import { prepare, type Prepared } from "./prepare.ts";
import { writeSplit } from "./results.ts";
import type { SplitResult } from "./split_result.ts";
import { checkpointPath, openRun, type RunFolder } from "./run_folder.ts";
import { score, weightedF1Interval } from "./scored.ts";

export interface EvaluateOptions {
  split: Split;
  /** Other data than the run was trained on. */
  data?: string;
  cache?: string;
  /** Share of rows that may be unusable, where it is not that of the run. */
  max_rejected?: number;
  /** The split where it is prepared already, for the run's modalities or more. */
  prepared?: Prepared;
  engine?: { engine?: string; device?: string; threads?: number };
  signal?: AbortSignal;
  onProgress?: (progress: EncodeProgress) => void;
}

export interface Evaluation extends SplitResult {
  method: string;
  checkpoint: string;
  /** The run that was added to; absent for a lone checkpoint or other data. */
  folder?: RunFolder;
  rejected: readonly Rejection[];
  /** What whoever reads the result should know of the data and the encoders. */
  notes: readonly string[];
}

/** Evaluates a run's best checkpoint (or a checkpoint file) and adds the result to the run. Throws UndertoneError. */
export async function evaluate(path: string, options: EvaluateOptions): Promise<Evaluation> {
  const { split, data, cache, max_rejected, signal, onProgress } = options;
  await useEngine(options.engine);
  const checkpoint = checkpointPath(path);
  const { model, config } = await loadClassifier(checkpoint);
  const source = {
    ...config,
    data: data ?? config.data,
    cache: cache ?? config.cache,
    max_rejected: max_rejected ?? config.max_rejected,
  };
  const prepared = options.prepared ??
    await prepare(source, { splits: [split], labels: model.labels, inner: model.inner, signal, onProgress });
  requireSameEncoders(model, prepared.encoders, checkpoint);
  const { rows, metrics } = await score(model, labelled(prepared.examples[split]), signal);
  disposeParams(model.params);
  const result = { metrics, weighted_f1_interval: weightedF1Interval(rows, prepared.dataset) };
  const folder = !data && existsSync(path) && Deno.statSync(path).isDirectory ? openRun(path) : undefined;
  const written = folder
    ? await writeSplit(folder, split, prepared.dataset, rows, result)
    : { ...result, read: [new Date().toISOString()] };
  const { rejected, dataset: { notes } } = prepared;
  return { ...written, method: model.method.id, checkpoint, folder, rejected, notes };
}

/** A trained model on one split of its data (or of other data with the same labels). */
import { existsSync } from "node:fs";
import { useEngine } from "../compute/mod.ts";
import { disposeParams } from "../nn/mod.ts";
import type { Example, Rejection, Split } from "../data/mod.ts";
import type { EncodeProgress, Modality } from "../encoders/mod.ts";
import { type Classifier, MODALITIES, requireSameEncoders } from "../model/mod.ts";
import { withCuts } from "./cuts.ts";
import { labelled } from "./fit.ts";
import { prepare, type Prepared } from "./prepare.ts";
import { loadModel } from "./required_code.ts";
import { writeSplit } from "./results.ts";
import type { SplitResult } from "./split_result.ts";
import { checkpointPath, openRun, type RunFolder } from "./run_folder.ts";
import { score, weightedF1Interval } from "./scored.ts";

/** What a trained model is evaluated on. */
export interface EvaluateOptions {
  /** The split to read. */
  split: Split;
  /** Modules of the user's to import first: those that the model was trained with. */
  use?: readonly string[];
  /** Other data than the run was trained on. */
  data?: string;
  /** Encoding of its CSV files, where it is not that of the run, or of other data not UTF-8. */
  encoding?: string;
  /** Folder of the feature cache, where it is not that of the run. */
  cache?: string;
  /** Share of rows that may be unusable, where it is not that of the run. */
  max_rejected?: number;
  /**
   * The split where it is prepared already, for the run's modalities or more.
   * @internal
   */
  prepared?: Prepared;
  /** What computes. */
  engine?: { engine?: string; device?: string; threads?: number };
  /** Ends it early, with the signal's reason as error. */
  signal?: AbortSignal;
  /** Is told how far the encoding is. */
  onProgress?: (progress: EncodeProgress) => void;
}

/** What a trained model scores on a split. */
export interface Evaluation extends SplitResult {
  /** Its fusion method. */
  method: string;
  /** Path of the checkpoint that was read. */
  checkpoint: string;
  /** The run that was added to; absent for a lone checkpoint or other data. */
  folder?: RunFolder;
  /** Rows that could not be used. */
  rejected: readonly Rejection[];
  /** How many rows of the split lack something that the model reads: they were answered without it. */
  lacking: Partial<Record<Modality, number>>;
  /** What whoever reads the result should know of the data and the encoders. */
  notes: readonly string[];
}

/**
 * Evaluates a run's best checkpoint (or a checkpoint file) and adds the result to the run. Throws UndertoneError.
 *
 * @example
 * ```ts
 * import { configure, evaluate, trainRun } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ method: "text_only", epochs: 1, name: "first", out });
 * await Array.fromAsync(trainRun(config));
 * const { metrics } = await evaluate(`${out}/first`, { split: "test" });
 * console.log(metrics.weighted_f1);
 * ```
 */
export async function evaluate(path: string, options: EvaluateOptions): Promise<Evaluation> {
  const { split, use, data, encoding, cache, max_rejected, signal, onProgress } = options;
  await useEngine(options.engine);
  const checkpoint = checkpointPath(path);
  const { model, config, notes: ofCode } = await loadModel(checkpoint, use, { metrics: true });
  using _ = { [Symbol.dispose]: () => disposeParams(model.params) };
  const source = {
    ...config,
    data: data ?? config.data,
    encoding: encoding ?? (data === undefined ? config.encoding : undefined),
    cache: cache ?? config.cache,
    max_rejected: max_rejected ?? config.max_rejected,
  };
  const prepared = options.prepared ?? await prepare(source, {
    splits: [split],
    labels: model.labels,
    modalities: MODALITIES.filter((modality) => model.encoders[modality]),
    goWithout: true,
    modelEncoders: model.modelEncoders,
    signal,
    onProgress,
  });
  requireSameEncoders(readBy(model, prepared), prepared.encoders, checkpoint);
  const examples = labelled(prepared.examples[split]), lacking = lackingIn(examples, model);
  const { rows, metrics } = await score(model, examples, signal);
  const result = { metrics, weighted_f1_interval: weightedF1Interval(rows, prepared.dataset) };
  const folder = !data && existsSync(path) && Deno.statSync(path).isDirectory ? openRun(path) : undefined;
  const written = folder
    ? await writeSplit(folder, split, prepared.dataset, rows, result)
    : { ...result, read: [new Date().toISOString()] };
  const { notes: told } = withCuts(prepared, model), { rejected } = prepared;
  const notes = [...ofCode, ...told, ...lackingNotes(lacking, examples.length, split)];
  return { ...written, method: model.method.id, checkpoint, folder, rejected, lacking, notes };
}

/** The model's encoders, as far as there is something for them to read. */
const readBy = ({ encoders, modelEncoders }: Classifier, { encoders: found }: Prepared) => ({
  encoders: Object.fromEntries(MODALITIES.flatMap((m) => encoders[m] && found[m] ? [[m, encoders[m]]] : [])),
  modelEncoders,
});

/** How many examples lack something that the model reads. */
function lackingIn(examples: readonly Example[], { encoders }: Classifier): Evaluation["lacking"] {
  const counts = MODALITIES.filter((modality) => encoders[modality]).map((modality) => [
    modality,
    examples.filter((example) => !example[modality] && !example.raw?.[modality]).length,
  ]);
  return Object.fromEntries(counts.filter(([, count]) => count));
}

const lackingNotes = (lacking: Evaluation["lacking"], all: number, split: Split): string[] =>
  Object.entries(lacking).map(([modality, count]) =>
    `${count === all ? `No row of ${split} has` : `${count} of ${all} rows of ${split} lack`} ${modality}: ` +
    `${count === all ? "the metrics are" : "these are answered"} without it.`
  );

/** Evaluates a trained model on one split of its own data, or of other data with the same labels. */
import { existsSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { useEngine } from "../compute/mod.ts";
import { disposeParams } from "../nn/mod.ts";
import type { ColumnNames, Example, LabelMapping, Rejection, Split } from "../data/mod.ts";
import type { EncodeProgress, Modality } from "../encoders/mod.ts";
import type { RunPlan, TrainConfig } from "../config/mod.ts";
import { absentNotes, type Certainty } from "../eval/mod.ts";
import type { CheckpointAbout } from "../train/mod.ts";
import { type Classifier, MODALITIES, requireSameEncoders } from "../model/mod.ts";
import { certaintyIfKept } from "./certainty.ts";
import { contentOf, differences } from "./content.ts";
import { badInput, UndertoneError } from "../errors.ts";
import { fromProject } from "../paths.ts";
import { withCuts } from "./cuts.ts";
import { addUnusable, type Division, readDivision } from "./division.ts";
import { requireSameDivision } from "./same_division.ts";
import { labelled } from "./fit.ts";
import { type GivenFeatures, givenNotes, requireFeatures, withoutGiven } from "./given_features.ts";
import { durationsOf } from "./durations.ts";
import { groupScores } from "./groups.ts";
import { normalized, normalizeNamed } from "./normalized.ts";
import { prepare, type Prepared } from "./prepare.ts";
import { extensionNotes } from "./extension.ts";
import { loadModel, requireDataSource } from "./required_code.ts";
import { readResults } from "./read_results.ts";
import { writeSplit } from "./results.ts";
import type { SplitResult } from "./split_result.ts";
import { checkpointPath, openRun, type RunFolder, runFolder } from "./run_folder.ts";
import { intervals, score } from "./scored.ts";

/** Options of an evaluation. */
export interface EvaluateOptions {
  /** The split to evaluate. */
  split: Split;
  /** Your modules that the model was trained with; they are imported first. */
  use?: readonly string[];
  /** Other data, or the run's own if they have moved: then the result is added to the run. */
  data?: string;
  /** Encoding of the data's CSV files. Default: that of the run for its own data, else UTF-8 or UTF-16. */
  encoding?: string;
  /** Names of the data's columns. Default: those of the run for its own data, else the manifest's. */
  columns?: ColumnNames;
  /** How a folder names its clips. Default: that of the run, or none for other data. */
  pattern?: string;
  /** How the labels of other data are mapped to those of the run. Default: as the run mapped its own. */
  labelMap?: LabelMapping;
  /** Stored features of this data, for a run that was trained on such features. Default: the run's own. */
  features?: GivenFeatures;
  /** Folder of the feature cache. Default: that of the run. */
  cache?: string;
  /** Largest share of unusable rows. Default: that of the run. */
  max_rejected?: number;
  /** Keeps the text of rows whose clip can't be used. Default: as the run did. */
  keep_text?: boolean;
  /**
   * What to group the rows by: `speaker`, `gender`, `age`, `corpus`, `session`, `words`, `seconds`, `turn`,
   * or `all` of these that the data have. Default: nothing.
   */
  by?: readonly string[];
  /**
   * The split if it is already prepared, for at least the run's modalities.
   * @internal
   */
  prepared?: Prepared;
  /** The engine, its device and its threads. */
  engine?: { engine?: string; device?: string; threads?: number };
  /** Stops early and throws the signal's reason. */
  signal?: AbortSignal;
  /** Reports the progress of the encoding. */
  onProgress?: (progress: EncodeProgress) => void;
}

/** How a data set is read and divided. */
type Reading = Pick<TrainConfig, "protocol" | "fold" | "encoding" | "columns" | "pattern"> & {
  division?: Division;
};

/** Returns a reading without what it leaves open. */
const defined = (reading: Reading): Partial<Reading> =>
  Object.fromEntries(Object.entries(reading).filter(([, value]) => value !== undefined));

/** The scores of a trained model on a split. */
export interface Evaluation extends SplitResult {
  /** The model's fusion method. */
  method: string;
  /** Path of the evaluated checkpoint. */
  checkpoint: string;
  /** The run that the result was added to; absent for a lone checkpoint or other data. */
  folder?: RunFolder;
  /** How sure the model is of these rows, for the classes of a run that keeps its dev predictions. */
  calibration?: Certainty;
  /** Unusable rows with the reasons. */
  rejected: readonly Rejection[];
  /**
   * For each modality that the model reads, the number of rows without it. They are answered from the rest.
   */
  lacking: Partial<Record<Modality, number>>;
  /** Notes on the data, the encoders and the code. */
  notes: readonly string[];
}

/**
 * Evaluates a run's best checkpoint or a checkpoint file. Adds the result to the run. Throws UndertoneError.
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
export async function evaluate(given: string, options: EvaluateOptions): Promise<Evaluation> {
  const { split, use, data, encoding, cache, max_rejected, features = {}, signal, onProgress } = options;
  const path = fromProject(given);
  await useEngine(options.engine);
  const checkpoint = checkpointPath(given);
  const { model, config, about, notes: ofCode } = await loadModel(checkpoint, use, { metrics: true });
  using _ = { [Symbol.dispose]: () => disposeParams(model.params) };
  requireFeatures(model, features, checkpoint);
  if (options.labelMap !== undefined && data === undefined) throw ownLabels(checkpoint);
  if (data === undefined && !options.prepared) {
    await requireDataSource(config.data, about.modules, checkpoint);
  }
  const source = {
    ...config,
    ...features,
    data: data ?? config.data,
    labels: options.labelMap === undefined ? config.labels : { ...config.labels, map: options.labelMap },
    cache: fromProject(cache ?? config.cache),
    max_rejected: max_rejected ?? config.max_rejected,
    keep_text: options.keep_text ?? config.keep_text,
  };
  const { protocol, fold } = config, isRun = existsSync(path) && Deno.statSync(path).isDirectory;
  if (isRun) await readResults(runFolder(path)); // damaged results are refused before any row is scored
  const division = isRun ? await readDivision(runFolder(path)) : undefined;
  /** How the run read its own rows, wherever they lie now, and how other data are read. */
  const asOwn: Reading = {
    ...{ protocol, fold, division },
    encoding: encoding ?? config.encoding,
    columns: options.columns ?? config.columns,
    pattern: options.pattern ?? config.pattern,
  };
  const { columns, pattern } = options, asOther: Reading = { protocol: "split", encoding, columns, pattern };
  const mayDiffer = data !== undefined && !isDeepStrictEqual(defined(asOwn), defined(asOther));
  const read = (by: Reading) =>
    prepare({ config: { ...source, ...by, fold: by.fold }, encoders: readersOf(model, source) }, {
      splits: [split],
      division: by.division,
      target: model.target,
      labels: model.labels,
      goWithout: true,
      modelEncoders: model.modelEncoders,
      signal,
      onProgress,
    });
  const others = data !== undefined || Object.keys(features).length > 0;
  const comparedTo = async (prepared: Prepared) =>
    others || isRun && !options.prepared
      ? await compared(prepared, split, about, { ...source, others })
      : undefined;
  let unscaled = options.prepared ?? await read(asOwn).catch((error) => {
    if (!mayDiffer || !(error instanceof UndertoneError)) throw error;
  });
  let moved = unscaled && await comparedTo(unscaled);
  if (!unscaled || (mayDiffer && !moved?.isOwn)) {
    unscaled = await read(asOther);
    moved = await comparedTo(unscaled);
  }
  const own = { ...model, encoders: withoutGiven(model.encoders, unscaled.encoders, features) };
  requireSameEncoders(readBy(own, unscaled), unscaled.encoders, checkpoint);
  const prepared = normalized(unscaled, model, config);
  const examples = labelled(prepared.examples[split]), lacking = lackingIn(examples, model);
  const { rows, metrics } = await score(model, examples, signal);
  const seconds = durationsOf(examples, model);
  const groups = options.by?.length ? groupScores(options.by, rows, prepared.dataset, seconds) : undefined;
  const isBest = isRun && checkpoint === runFolder(path).best;
  const result = {
    metrics,
    ...intervals(rows, prepared.dataset, protocol),
    ...normalizeNamed(model, config),
    ...isBest && { chosen_by: config.select },
    ...groups && { groups },
  };
  const folder = (moved?.isOwn ?? true) && isRun ? openRun(path) : undefined;
  if (folder && !division) await requireSameDivision(folder, prepared.dataset);
  if (folder) await addUnusable(folder, unscaled, split);
  const written = folder
    ? await writeSplit(folder, split, prepared.dataset, rows, result, { config, seconds })
    : { ...result, read: [new Date().toISOString()] };
  const sure = isBest && model.target === "class"
    ? await certaintyIfKept(runFolder(path), folder ? split : rows)
    : { notes: [] };
  const { notes: ofData } = withCuts(prepared, model), { rejected } = prepared;
  const notes = [
    ...ofCode,
    ...givenNotes(model, features),
    ...extensionNotes(about.extended, config),
    ...ofData,
    ...moved?.notes ?? [],
    ...lackingNotes(lacking, examples.length, split),
    ...absentNotes(metrics, split),
    ...sure.notes,
  ];
  const { calibration } = sure;
  return {
    ...written,
    method: model.method.id,
    checkpoint,
    folder,
    ...calibration && { calibration },
    rejected,
    lacking,
    notes,
  };
}

const ownLabels = (at: string) =>
  badInput({
    expected: "other data, whose labels are mapped to those of the run",
    found: "the run's own, whose labels are mapped as in its training",
    at,
    todo: "Name the data (--data), or leave the map (--labels.map) out.",
  });

/**
 * Compares the data with the run's own by content. The run does not know the content of its test rows, so
 * those of train and dev stand for them.
 */
async function compared(
  { dataset, encoders: found }: Prepared,
  split: Split,
  { rows, encoders }: CheckpointAbout,
  { cache, others }: Pick<TrainConfig, "cache"> & { others: boolean },
): Promise<{ isOwn: boolean; notes: string[] }> {
  const known: Split[] = split === "test" ? ["train", "dev"] : [split];
  if (!rows?.content) return { isOwn: !others, notes: [] };
  const now = await contentOf(dataset, known, MODALITIES.filter((m) => encoders[m]), {
    cache,
    encoders: found,
  });
  const before = Object.fromEntries(known.map((split) => [split, rows.content![split as "train" | "dev"]]));
  const changes = differences(before, now);
  if (changes.length > 0) {
    const what = others
      ? "These are not the run's own data"
      : "The run's data have changed since its training";
    return { isOwn: false, notes: [`${what} (${changes.join(", ")}), so the result is not kept.`] };
  }
  const moved = `These are the run's own data in another place: its ${
    known.join(" and ")
  } rows are the same.`;
  return { isOwn: true, notes: others ? [moved] : [] };
}

/** Returns the encoders that the model reads, as they were configured. Nothing trains. */
const readersOf = ({ encoders }: Classifier, config: TrainConfig): RunPlan["encoders"] =>
  Object.fromEntries(
    MODALITIES.filter((modality) => encoders[modality])
      .map((modality) => [modality, { name: config[modality], startsFrozen: true, trains: false }]),
  );

/** Returns the model's encoders for which the data has inputs. */
export const readBy = ({ encoders, modelEncoders }: Classifier, { encoders: found }: Prepared) => ({
  encoders: Object.fromEntries(MODALITIES.flatMap((m) => encoders[m] && found[m] ? [[m, encoders[m]]] : [])),
  modelEncoders,
});

/** Counts the examples that lack a modality which the model reads. */
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

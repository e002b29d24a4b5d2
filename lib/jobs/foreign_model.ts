/** Evaluates a checkpoint with its own classification head as a baseline. Nothing is trained or kept. */
import { useEngine } from "../compute/mod.ts";
import { type ColumnNames, cutNotes, type LabelMapping, type Rejection, type Split } from "../data/mod.ts";
import { type EncodeProgress, headModel, type Modality } from "../encoders/mod.ts";
import { absentNotes, metricsOfOutcomes } from "../eval/mod.ts";
import { badInput } from "../errors.ts";
import { labelled } from "./fit.ts";
import { mapLabels, mappedProbabilities, spaceMap } from "./label_map.ts";
import { prepare } from "./prepare.ts";
import { intervals, outcomesOf } from "./scored.ts";
import type { SplitResult } from "./split_result.ts";
import { useModules } from "./user_modules.ts";

export interface ForeignOptions {
  /** The data set to evaluate on. */
  data: string;
  split: Split;
  /**
   * The data's labels by those of the model, where `null` drops one; or a label space for the labels of both.
   * Default: equal names, in any case.
   */
  map?: LabelMapping;
  /** Your modules with the data source, if it is your own. */
  use?: readonly string[];
  /** Encoding of the data's CSV files. */
  encoding?: string;
  columns?: ColumnNames;
  pattern?: string;
  /** Folder of the feature cache. */
  cache: string;
  /** Largest share of unusable rows. */
  max_rejected: number;
  engine?: { engine?: string; device?: string; threads?: number };
  signal?: AbortSignal;
  onProgress?: (progress: EncodeProgress) => void;
}

/** The scores of a foreign model. */
export interface ForeignEvaluation extends SplitResult {
  /** The model's name, `hf:<folder>`. */
  model: string;
  modality: Modality;
  /** The data's label for each class of the model; null if it is dropped. */
  labels: Record<string, string | null>;
  rejected: readonly Rejection[];
  notes: readonly string[];
}

/** Evaluates the model `hf:<folder>` on a split. Throws UndertoneError. */
export async function evaluateForeign(name: string, options: ForeignOptions): Promise<ForeignEvaluation> {
  const { data, split, map, use, encoding, columns, pattern, cache, max_rejected, signal, onProgress } =
    options;
  await useModules(use ?? []);
  await useEngine(options.engine);
  const { modality, encoder, labels, logits, notes: ofPlace } = await headModel(name);
  const config = {
    ...{
      data,
      encoding,
      columns,
      pattern,
      cache,
      max_rejected,
      method: name,
      keep_text: false,
      protocol: "split",
    },
    ...{ max_text_length: Infinity, max_audio_length: Infinity },
    ...typeof map === "string" && { labels: { map } },
  };
  const prepared = await prepare(
    { config, encoders: { [modality]: { name, startsFrozen: true, trains: false } } },
    {
      splits: [split],
      target: "class",
      goWithout: true,
      encoders: { [modality]: encoder },
      signal,
      onProgress,
    },
  );
  const { dataset, rejected } = prepared;
  const { classes, notes } = mapLabels(
    labels,
    dataset.labels,
    typeof map === "string" ? spaceMap(map, labels, dataset.labels) : map,
  );
  const examples = labelled(prepared.examples[split]);
  const rows = examples.map((example) => {
    const scores = logits(example[modality]!);
    requireFinite(scores, example.id);
    const answer = mappedProbabilities(scores, classes, dataset.labels.length);
    return { id: example.id, target: example.target, answer };
  });
  const metrics = metricsOfOutcomes(outcomesOf(rows, dataset));
  const cuts = cutNotes(examples, dataset.rows, { [modality]: encoder }, {});
  return {
    model: name,
    modality,
    labels: Object.fromEntries(labels.map((label, i) => [label, dataset.labels[classes[i] ?? -1] ?? null])),
    metrics,
    ...intervals(rows, dataset),
    read: [new Date().toISOString()],
    rejected,
    notes: [...ofPlace, ...dataset.notes, ...cuts, ...notes, ...absentNotes(metrics, split)],
  };
}

function requireFinite(scores: ArrayLike<number>, id: string): void {
  if (Array.from(scores).every(Number.isFinite)) return;
  throw badInput({
    expected: "finite logits",
    found: `[${Array.from(scores)}]`,
    at: `row '${id}'`,
    todo:
      "The model's weights are too large to compute with: choose another checkpoint, or leave the row out.",
  });
}

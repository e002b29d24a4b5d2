/** Predicts the emotions of new utterances, with a checkpoint and the encoders that it names. */
import { useEngine } from "../compute/mod.ts";
import { disposeParams } from "../nn/mod.ts";
import { type ClipWarning, cutNotes, type Dataset, type Rejection, type Utterance } from "../data/mod.ts";
import {
  type EncodeProgress,
  encoderNotes,
  type Modality,
  type ReadExamples,
  readExamples,
  speechEncoder,
  textEncoder,
} from "../encoders/mod.ts";
import { KINDS } from "../eval/mod.ts";
import { badInput } from "../errors.ts";
import { fromProject } from "../paths.ts";
import { asking, SMALLER_INPUTS } from "../explain.ts";
import { groupingOf, type TrainConfig } from "../config/mod.ts";
import {
  type Classifier,
  MODALITIES,
  predictLogits,
  requireSameEncoders,
  scaleExamples,
} from "../model/mod.ts";
import type { TargetKind } from "../target.ts";
import { loadModel } from "./required_code.ts";
import { meaning, type ReadRows, withScalings } from "./normalized.ts";
import { type Prediction, predictionOf } from "./predictions.ts";
import { checkpointPath } from "./run_folder.ts";

/** Options of inference. */
export interface InferOptions {
  /** Your modules that the model was trained with; they are imported first. */
  use?: readonly string[];
  /** Folder of the feature cache; without it, hidden states are not cached. */
  cacheDir?: string;
  /**
   * Rows that are given beforehand, for a model that scales by groups: their statistics replace those that the
   * model's own variant takes. Rows of one speaker belong together; without a speaker, all do.
   */
  enroll?: Pick<Dataset, "rows" | "root">;
  /** The engine, its device and its threads. */
  engine?: { engine?: string; device?: string; threads?: number };
  /** Stops early and throws the signal's reason. */
  signal?: AbortSignal;
  /** Reports the progress of the encoding. */
  onProgress?: (progress: EncodeProgress) => void;
}

/** The predictions for all rows. */
export interface Inference {
  /** Predictions in the order of the rows. */
  predictions: Prediction[];
  /** Unreadable rows with the reasons. */
  rejected: Rejection[];
  /** The model's fusion method. */
  method: string;
  /** The kind of the model's targets. */
  target: TargetKind;
  /** Names of the classes, labels or dimensions, in the model's order. */
  labels: readonly string[];
  /** Modalities that rows have but the model does not read. */
  unused: Modality[];
  /** Notes on the code, the encoders, inputs that were cut, and labels that the model does not know. */
  notes: string[];
  /** Clips with problems, e.g. silent or truncated ones. */
  clipWarnings: ClipWarning[];
}

/**
 * Predicts every row that the model can read, regardless of its split and label. Throws UndertoneError.
 *
 * @example
 * ```ts
 * import { configure, infer, trainRun } from "@undertone/undertone";
 *
 * const out = await Deno.makeTempDir();
 * const config = configure({ method: "text_only", epochs: 1, name: "first", out });
 * await Array.fromAsync(trainRun(config));
 * const rows = [{ id: "mine", split: "test" as const, text: "You did what?" }];
 * const { predictions: [{ predicted }] } = await infer(`${out}/first`, { rows, root: "." });
 * ```
 */
export async function infer(
  path: string,
  { rows, root }: Pick<Dataset, "rows" | "root">,
  options: InferOptions = {},
): Promise<Inference> {
  const { signal, onProgress } = options;
  const cacheDir = options.cacheDir && fromProject(options.cacheDir);
  await useEngine(options.engine);
  const checkpoint = checkpointPath(path);
  const modalities = MODALITIES.filter((modality) => rows.some((row) => row[modality]));
  const { model, config, notes } = await loadModel(checkpoint, options.use, { modalities });
  using _ = { [Symbol.dispose]: () => disposeParams(model.params) };
  const { encoders: { text, audio }, modelEncoders, maxLength } = model;
  const outer = (modality: Modality) => !modelEncoders[modality] && rows.some((row) => row[modality]);
  const encoders = {
    text: text && outer("text") ? await textEncoder(text.id) : undefined,
    audio: audio && outer("audio") ? await speechEncoder(audio.id) : undefined,
  };
  requireSameEncoders(
    { encoders: { text: encoders.text && text, audio: encoders.audio && audio } },
    encoders,
    checkpoint,
  );
  const canRead = (row: Utterance) => Boolean((text && row.text) || (audio && row.audio));
  const readable = rows.filter(canRead), blind = rows.filter((row) => !canRead(row));
  const wants = [text && "text", audio && "speech"].filter(Boolean).join(" or ");
  if (readable.length === 0) {
    throw badInput({
      expected: `${wants}, which this ${model.method.id} model reads,`,
      found: "only rows without it",
      at: checkpoint,
      todo: "Give rows with at least one modality that the model was trained on.",
    });
  }
  const dataset: Dataset = {
    name: "input",
    target: model.target,
    labels: model.labels,
    rows: readable,
    source: root,
    root: fromProject(root),
    rejected: [],
    notes: [],
  };
  const readAll = (rows: readonly Utterance[], root: string) =>
    asking(
      `encoding ${rows.length} rows`,
      SMALLER_INPUTS,
      () =>
        readExamples(
          { ...dataset, rows, source: root, root: fromProject(root) },
          { frozen: encoders, modelEncoders },
          maxLength,
          { cacheDir, signal, onProgress },
        ),
    );
  if (options.enroll) requireGroups(config, model, checkpoint);
  const enrolled = options.enroll &&
    await readAll(options.enroll.rows.filter(canRead), options.enroll.root);
  if (enrolled?.rows.length === 0) throw unusable(enrolled.rejected, options.enroll!.root);
  const read = await readAll(readable, root);
  const { rows: usable } = read;
  const { examples, notes: ofGroups } = withScalings(read, model, config, enrolled ?? noneGiven(config));
  const logits = await predictLogits(model, scaleExamples(model, examples), { signal });
  const answers = KINDS[model.target].answers(logits);
  const predictions = answers.map((answer, i) => predictionOf(usable[i], answer, model));
  const rejected = blind.map(({ id }) => ({
    id,
    at: root,
    reason: `has no ${wants}, and the model reads nothing else`,
  }));
  const unused = (["text", "audio"] as const).filter((modality) =>
    !model.encoders[modality] && rows.some((row) => row[modality])
  );
  const readers = { ...encoders, ...modelEncoders };
  return {
    predictions,
    rejected: [...rejected, ...read.rejected],
    method: model.method.id,
    target: model.target,
    labels: model.labels,
    unused,
    notes: [
      ...notes,
      ...encoderNotes(readers),
      ...enrolled
        ? enrolmentNotes(enrolled)
        : noneGiven(config)
        ? ["This model scales by enrolled rows, and none are given (--enroll <folder or manifest>)."]
        : MODALITIES.flatMap(meaning(model, config)),
      ...ofGroups,
      ...cutNotes(examples, usable, readers, maxLength),
      ...model.target === "class" ? unknownLabels(rows, model.labels) : [],
    ],
    clipWarnings: read.clipWarnings,
  };
}

/**
 * Returns an empty enrolment for a model that needs one, because rows to be predicted are none themselves;
 * undefined for other models.
 */
const noneGiven = (config: TrainConfig): ReadRows | undefined =>
  MODALITIES.some((modality) => groupingOf(config, modality)?.variant === "enrolled")
    ? { rows: [], examples: [] }
    : undefined;

const enrolmentNotes = ({ rows, rejected }: ReadExamples): string[] => [
  `${rows.length} ${rows.length === 1 ? "row is" : "rows are"} the enrolment.`,
  ...rejected.map(({ id, reason }) => `The enrolment lacks ${id}: ${reason}`),
];

const unusable = ([first]: readonly Rejection[], at: string) =>
  badInput({
    expected: "rows of an enrolment that the model can read",
    found: first ? `none (${first.id}: ${first.reason})` : "none",
    at,
    todo: "Enrol recordings for a model of speech, and texts for a model of text.",
  });

/** Throws UndertoneError if a model scales no states by groups, so that an enrolment would change nothing. */
function requireGroups(config: TrainConfig, { standardizers }: Classifier, at: string): void {
  if (MODALITIES.some((modality) => groupingOf(config, modality) && standardizers[modality])) return;
  throw badInput({
    expected: "a model that scales states by groups, e.g. --normalize.audio=speaker, for an enrolment",
    found: "one that scales them by the train split or not at all",
    at,
    todo: "Leave the enrolment (--enroll) out, or use a model that was trained with --normalize by groups.",
  });
}

/** Returns a note if rows have labels that the model has no class for. */
function unknownLabels(rows: readonly Utterance[], labels: readonly string[]): string[] {
  const unknown = new Set(
    rows.flatMap(({ label }) => label && !labels.includes(label) ? [`'${label}'`] : []),
  );
  return unknown.size === 0
    ? []
    : [`The model has no class ${[...unknown].join(", ")} and can't predict it.`];
}

/** Predicts the emotions of new utterances, with a checkpoint and the encoders that it names. */
import { useEngine } from "../compute/mod.ts";
import { disposeParams } from "../nn/mod.ts";
import {
  type ClipWarning,
  contextNotes,
  cutNotes,
  type Dataset,
  type Rejection,
  turnsAround,
  type Utterance,
} from "../data/mod.ts";
import {
  type EncodeProgress,
  encoderNotes,
  isStored,
  type Modality,
  readableRows,
  readExamples,
  speechEncoder,
  textEncoderFor,
} from "../encoders/mod.ts";
import { KINDS } from "../eval/mod.ts";
import { badInput } from "../errors.ts";
import { fromProject } from "../paths.ts";
import { asking, SMALLER_INPUTS } from "../explain.ts";
import { MODALITIES, predictLogits, requireSameEncoders, scaleExamples } from "../model/mod.ts";
import type { TargetKind } from "../target.ts";
import { type GivenFeatures, givenNotes, requireFeatures, withoutGiven } from "./given_features.ts";
import { loadModel } from "./required_code.ts";
import { type Prediction, predictionOf } from "./predictions.ts";
import { checkpointPath } from "./run_folder.ts";

/** Options of inference. */
export interface InferOptions {
  /** Rows that may be turns of the dialogues around the rows to predict. Default: those rows alone. */
  among?: readonly Utterance[];
  /** Your modules that the model was trained with; they are imported first. */
  use?: readonly string[];
  /** Stored features of these rows, for a model that was trained on such features. Default: the model's own. */
  features?: GivenFeatures;
  /** Folder of the feature cache; without it, hidden states are not cached. */
  cacheDir?: string;
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
  const { features = {}, signal, onProgress } = options;
  const cacheDir = options.cacheDir && fromProject(options.cacheDir);
  await useEngine(options.engine);
  const checkpoint = checkpointPath(path);
  const named = MODALITIES.filter((modality) => features[modality] || rows.some((row) => row[modality]));
  const { model, config: { context }, notes } = await loadModel(checkpoint, options.use, {
    modalities: named,
  });
  using _ = { [Symbol.dispose]: () => disposeParams(model.params) };
  requireFeatures(model, features, checkpoint);
  const { encoders: { text, audio }, modelEncoders, maxLength } = model;
  const nameOf = (modality: Modality) => features[modality] ?? model.encoders[modality]!.id;
  const stored = MODALITIES.filter((m) => model.encoders[m] && isStored(m, nameOf(m)));
  const outer = (modality: Modality) =>
    stored.includes(modality) || !modelEncoders[modality] && rows.some((row) => row[modality]);
  const found = {
    text: text && outer("text") ? await textEncoderFor(nameOf("text"), context) : undefined,
    audio: audio && outer("audio") ? await speechEncoder(nameOf("audio")) : undefined,
  };
  const ids = {
    text: readableRows("text", found.text, rows),
    audio: readableRows("audio", found.audio, rows),
  };
  const encoders = {
    text: ids.text.size > 0 ? found.text : undefined,
    audio: ids.audio.size > 0 ? found.audio : undefined,
  };
  requireSameEncoders(
    {
      encoders: withoutGiven(
        { text: encoders.text && text, audio: encoders.audio && audio },
        encoders,
        features,
      ),
    },
    encoders,
    checkpoint,
  );
  // Rows without stored features stay among the others: which key is whose depends on all rows.
  const reads = (modality: Modality, { id }: Utterance) =>
    Boolean(model.encoders[modality]) && (ids[modality].has(id) || Boolean(encoders[modality]?.stored));
  const canRead = (row: Utterance) => reads("text", row) || reads("audio", row);
  const readable = rows.filter(canRead), blind = rows.filter((row) => !canRead(row));
  const wordsOf = (modality: Modality, word: string) =>
    stored.includes(modality) ? `features of ${modality} in ${nameOf(modality)}` : word;
  const wants = [text && wordsOf("text", "text"), audio && wordsOf("audio", "speech")].filter(Boolean).join(
    " or ",
  );
  const silent = stored.filter((modality) => ids[modality].size === 0);
  if (readable.length === 0) {
    throw badInput({
      expected: `${wants}, which this ${model.method.id} model reads,`,
      found: "only rows without it",
      at: checkpoint,
      todo: silent.length > 0
        ? `Compute features of these rows with the tool of the training, and name them: --input <rows.csv> ${
          silent.map((modality) => `--${modality} features:<path>`).join(" ")
        }.`
        : "Give rows with at least one modality that the model was trained on.",
    });
  }
  const { among = rows } = options;
  const dataset: Dataset = {
    name: "input",
    target: model.target,
    labels: model.labels,
    rows: context?.states ? withEarlier(readable, among.filter(canRead), context.states) : readable,
    source: root,
    root: fromProject(root),
    rejected: [],
    notes: [],
  };
  const read = await asking(
    `encoding ${rows.length} rows`,
    SMALLER_INPUTS,
    () =>
      readExamples(dataset, { frozen: encoders, modelEncoders }, maxLength, {
        cacheDir,
        context: context && { ...context, among },
        signal,
        onProgress,
      }),
  );
  const own = new Set(readable.map(({ id }) => id)), wanted = read.rows.map(({ id }) => own.has(id));
  const usable = read.rows.filter((_, i) => wanted[i]), examples = read.examples.filter((_, i) => wanted[i]);
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
    rejected: [...rejected, ...read.rejected.filter(({ id }) => own.has(id))],
    method: model.method.id,
    target: model.target,
    labels: model.labels,
    unused,
    notes: [
      ...notes,
      ...givenNotes(model, features),
      ...encoderNotes(readers),
      ...contextNotes(readable, context, among),
      ...read.notes,
      ...silent.flatMap((modality) => found[modality]!.stored!.notes(rows)),
      ...cutNotes(examples, usable, readers, maxLength),
      ...model.target === "class" ? unknownLabels(rows, model.labels) : [],
    ],
    clipWarnings: read.clipWarnings,
  };
}

/** Returns the rows, and those that are among their `count` earlier turns. */
function withEarlier(rows: readonly Utterance[], among: readonly Utterance[], count: number): Utterance[] {
  const around = turnsAround(among);
  return [...new Set([...rows, ...rows.flatMap((row) => around(row, count, 0).past)])];
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

/** Predicts the emotions of new utterances, with a checkpoint and the encoders that it names. */
import { useEngine } from "../compute/mod.ts";
import { disposeParams } from "../nn/mod.ts";
import {
  contextNotes,
  cutNotes,
  type Dataset,
  type Example,
  textOnlyNotes,
  turnsAround,
  type Utterance,
} from "../data/mod.ts";
import {
  encoderNotes,
  isStored,
  type Modality,
  readableRows,
  readExamples,
  type SpeechEncoder,
  speechEncoder,
  type TextEncoder,
  textEncoderFor,
} from "../encoders/mod.ts";
import { KINDS } from "../eval/mod.ts";
import { badInput } from "../errors.ts";
import { fromProject } from "../paths.ts";
import { asking, SMALLER_INPUTS } from "../explain.ts";
import { MODALITIES, predictLogits, requireSameEncoders, scaleExamples } from "../model/mod.ts";
import { type Enrolment, enrolmentFor, noneGiven } from "./enrolment.ts";
import { givenNotes, requireFeatures, withoutGiven } from "./given_features.ts";
import type { Inference, InferOptions } from "./inference.ts";
import { loadModel } from "./required_code.ts";
import { meaning, withScalings } from "./normalized.ts";
import { predictionOf } from "./predictions.ts";
import { checkpointPath } from "./run_folder.ts";
import { type Sets, setsOf } from "./sets.ts";

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
  const { features = {} } = options;
  const modalities = MODALITIES.filter((modality) => features[modality] || rows.some((row) => row[modality]));
  using opened = await openInference(path, modalities, options);
  return await opened.infer({ rows, root });
}

/** A model and its encoders, which stay loaded until they are disposed of. */
export interface OpenInference extends Disposable, Pick<Inference, "method" | "target" | "labels"> {
  /** Modalities that the model reads. */
  reads: Modality[];
  /** Predicts rows as `infer` does. Calls must wait for each other. Throws UndertoneError. */
  infer(given: Pick<Dataset, "rows" | "root">): Promise<Inference>;
  /** Reads rows as `infer` does, without a prediction. */
  read(given: Pick<Dataset, "rows" | "root">): Promise<ReadInputs>;
  /** The model and the encoders that it reads through, as they were loaded. */
  loaded: Loaded;
}

/** Rows as the model reads them. */
export interface ReadInputs {
  /** Rows that can be read, and the example of each: not yet scaled, with the statistics of its group. */
  rows: Utterance[];
  examples: Example[];
  /** All that `infer` tells besides the predictions. */
  told: Omit<Inference, "predictions">;
}

/** Loads a model with the encoders of the modalities that rows will have. Throws UndertoneError. */
export async function openInference(
  path: string,
  modalities: readonly Modality[],
  options: InferOptions = {},
): Promise<OpenInference> {
  const { features = {} } = options;
  await useEngine(options.engine);
  const checkpoint = checkpointPath(path);
  const loaded = await loadModel(checkpoint, options.use, { modalities }), { model } = loaded;
  try {
    requireFeatures(model, features, checkpoint);
    const { encoders: { text, audio }, modelEncoders } = model;
    const nameOf = (modality: Modality) => features[modality] ?? model.encoders[modality]!.id;
    const stored = MODALITIES.filter((m) => model.encoders[m] && isStored(m, nameOf(m)));
    const outer = (modality: Modality) =>
      stored.includes(modality) || !modelEncoders[modality] && modalities.includes(modality);
    const found = {
      text: text && outer("text") ? await textEncoderFor(nameOf("text"), loaded.config.context) : undefined,
      audio: audio && outer("audio") ? await speechEncoder(nameOf("audio")) : undefined,
    };
    const sets = options.sets === undefined ? undefined : await setsOf(path, model, options.sets);
    const enrolment = options.enroll &&
      enrolmentFor({ ...loaded, checkpoint, found }, options.enroll, options);
    const ready: Loaded = { ...loaded, checkpoint, nameOf, stored, found, sets, enrolment };
    return {
      method: model.method.id,
      target: model.target,
      labels: model.labels,
      reads: MODALITIES.filter((modality) => model.encoders[modality]),
      infer: (given) => inferWith(ready, given, options),
      read: (given) => readInputs(ready, given, options),
      loaded: ready,
      [Symbol.dispose]: () => disposeParams(model.params),
    };
  } catch (error) {
    disposeParams(model.params);
    throw error;
  }
}

/** A model in memory, and the encoders that it reads through. */
export interface Loaded extends Awaited<ReturnType<typeof loadModel>> {
  checkpoint: string;
  /** The name of a modality's encoder, or of its stored features. */
  nameOf(modality: Modality): string;
  /** Modalities whose features are stored. */
  stored: Modality[];
  found: { text?: TextEncoder; audio?: SpeechEncoder };
  /** Makes conformal sets, if they were asked for. */
  sets?: Sets;
  /** Reads the enrolment of rows, if one was given. */
  enrolment?: (rows: readonly Utterance[]) => Promise<Enrolment>;
}

async function inferWith(
  loaded: Loaded,
  given: Pick<Dataset, "rows" | "root">,
  options: InferOptions,
): Promise<Inference> {
  const { rows, examples, told } = await readInputs(loaded, given, options), { model, sets } = loaded;
  const logits = await predictLogits(model, scaleExamples(model, examples), { signal: options.signal });
  const answers = KINDS[model.target].answers(logits), setOf = sets?.of(logits);
  const predictions = answers.map((answer, i) => ({
    ...predictionOf(rows[i], answer, model),
    ...setOf && { set: setOf[i] },
  }));
  return { predictions, ...told };
}

async function readInputs(
  { model, config, notes, checkpoint, nameOf, stored, found, sets, enrolment }: Loaded,
  { rows, root }: Pick<Dataset, "rows" | "root">,
  options: InferOptions,
): Promise<ReadInputs> {
  const { features = {}, signal, onProgress, readClip } = options;
  const cacheDir = options.cacheDir && fromProject(options.cacheDir);
  const { encoders: { text, audio }, modelEncoders, maxLength } = model, { context } = config;
  const idsOf = (rows: readonly Utterance[]) => ({
    text: readableRows("text", found.text, rows),
    audio: readableRows("audio", found.audio, rows),
  });
  const ids = idsOf(rows);
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
  const readableIn = (rows: readonly Utterance[]) => {
    const ids = idsOf(rows);
    return rows.filter(({ id }) =>
      MODALITIES.some((m) => model.encoders[m] && (ids[m].has(id) || encoders[m]?.stored))
    );
  };
  const readable = readableIn(rows), kept = new Set(readable), blind = rows.filter((row) => !kept.has(row));
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
    rows: context?.states ? withEarlier(readable, readableIn(among), context.states) : readable,
    source: root,
    root: fromProject(root),
    rejected: [],
    notes: [],
  };
  const read = await asking(
    `encoding ${dataset.rows.length} rows`,
    SMALLER_INPUTS,
    () =>
      readExamples(dataset, { frozen: encoders, modelEncoders }, maxLength, {
        ...{ cacheDir, keepText: config.keep_text, context: context && { ...context, among } },
        ...{ signal, onProgress, readClip },
      }),
  );
  const enrolled = await enrolment?.(read.rows);
  const scaled = withScalings(read, model, config, enrolled ?? noneGiven(config));
  const own = new Set(readable.map(({ id }) => id)), wanted = read.rows.map(({ id }) => own.has(id));
  const usable = read.rows.filter((_, i) => wanted[i]),
    examples = scaled.examples.filter((_, i) => wanted[i]);
  const rejected = blind.map(({ id }) => ({
    id,
    at: root,
    reason: `has no ${wants}, and the model reads nothing else`,
  }));
  const unused = (["text", "audio"] as const).filter((modality) =>
    !model.encoders[modality] && rows.some((row) => row[modality])
  );
  const readers = { ...encoders, ...modelEncoders };
  const told: ReadInputs["told"] = {
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
      ...textOnlyNotes(read.textOnly),
      ...read.notes,
      ...silent.flatMap((modality) => found[modality]!.stored!.notes(rows)),
      ...enrolled
        ? enrolled.notes
        : noneGiven(config)
        ? ["This model scales by enrolled rows, and none are given (--enroll <folder or manifest>)."]
        : MODALITIES.flatMap(meaning(model, config)),
      ...scaled.notes,
      ...sets ? [sets.note] : [],
      ...cutNotes(examples, usable, readers, maxLength),
      ...model.target === "class" ? unknownLabels(rows, model.labels) : [],
    ],
    clipWarnings: read.clipWarnings,
  };
  return { rows: usable, examples, told };
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

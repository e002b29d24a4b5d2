/** Emotions of utterances that a model has not seen: from a checkpoint and the encoders that it names. */
import { useEngine } from "../compute/mod.ts";
import { disposeParams } from "../nn/mod.ts";
import { cutNotes, type Dataset, type OddClip, type Rejection, type Utterance } from "../data/mod.ts";
import {
  encodeDataset,
  type EncodeProgress,
  encoderNotes,
  type Modality,
  readUnencoded,
  speechEncoder,
  textEncoder,
} from "../encoders/mod.ts";
import { argmax, softmax } from "../eval/mod.ts";
import { badInput } from "../errors.ts";
import { MODALITIES, predictLogits, requireSameEncoders, scaleExamples } from "../model/mod.ts";
import { loadModel } from "./required_code.ts";
import { checkpointPath } from "./run_folder.ts";

export interface Prediction {
  id: string;
  text?: string;
  audio?: string;
  /** True label, where known. */
  label?: string;
  predicted: string;
  /** Probability of each label. */
  probabilities: Record<string, number>;
}

export interface InferOptions {
  /** Modules of the user's to import first: those that the model was trained with. */
  use?: readonly string[];
  cacheDir?: string;
  engine?: { engine?: string; device?: string; threads?: number };
  signal?: AbortSignal;
  onProgress?: (progress: EncodeProgress) => void;
}

export interface Inference {
  /** In the order of the rows. */
  predictions: Prediction[];
  /** Rows that could not be read, with reasons. */
  rejected: Rejection[];
  method: string;
  /** What the model does not look at although rows have it. */
  unused: Modality[];
  /** What the encoders assumed or left out, and what is cut off of the rows. */
  notes: string[];
  /** Clips that were read, but are silent, cut off or the like. */
  odd: OddClip[];
}

/** Predicts every row that the model can read; splits and labels are not looked at. Throws UndertoneError. */
export async function infer(
  path: string,
  { rows, root }: Pick<Dataset, "rows" | "root">,
  options: InferOptions = {},
): Promise<Inference> {
  const { cacheDir, signal, onProgress } = options;
  await useEngine(options.engine);
  const checkpoint = checkpointPath(path);
  const modalities = MODALITIES.filter((modality) => rows.some((row) => row[modality]));
  const { model, notes } = await loadModel(checkpoint, options.use, { modalities });
  using _ = { [Symbol.dispose]: () => disposeParams(model.params) };
  const { encoders: { text, audio }, inner, maxLength } = model;
  const outer = (modality: Modality) => !inner[modality] && rows.some((row) => row[modality]);
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
      expected: `${wants}, which is what this ${model.method.id} model reads,`,
      found: "rows without",
      at: checkpoint,
      todo: "Give what the model was trained on.",
    });
  }
  const dataset: Dataset = {
    name: "input",
    labels: model.labels,
    rows: readable,
    source: root,
    root,
    rejected: [],
    notes: [],
  };
  const features = await encodeDataset(dataset, encoders, { cacheDir, signal, onProgress });
  const unencoded = await readUnencoded(dataset, inner, maxLength, { signal, onProgress });
  const unreadable = [...features.rejected, ...unencoded.rejected];
  const dead = new Set(unreadable.map(({ id }) => id));
  const usable = readable.filter(({ id }) => !dead.has(id));
  const examples = usable.map(({ id }) => ({
    id,
    text: features.text?.get(id),
    audio: features.audio?.get(id),
    raw: { text: unencoded.text?.get(id), audio: unencoded.audio?.get(id) },
    label: -1,
  }));
  const logits = await predictLogits(model, scaleExamples(model, examples), { signal });
  const predictions = softmax(logits).map((probabilities, i) =>
    predictionOf(usable[i], probabilities, model.labels)
  );
  const rejected = blind.map(({ id }) => ({
    id,
    at: root,
    reason: `has no ${wants}, which is all that the model reads`,
  }));
  const unused = (["text", "audio"] as const).filter((modality) =>
    !model.encoders[modality] && rows.some((row) => row[modality])
  );
  const readers = { ...encoders, ...inner };
  return {
    predictions,
    rejected: [...rejected, ...unreadable],
    method: model.method.id,
    unused,
    notes: [
      ...notes,
      ...encoderNotes(readers),
      ...cutNotes(examples, usable, readers, maxLength),
      ...unknownLabels(rows, model.labels),
    ],
    odd: [...features.odd, ...unencoded.odd],
  };
}

/** A note where rows have a label that the model has no class for. */
function unknownLabels(rows: readonly Utterance[], labels: readonly string[]): string[] {
  const unknown = new Set(
    rows.flatMap(({ label }) => label && !labels.includes(label) ? [`'${label}'`] : []),
  );
  return unknown.size === 0 ? [] : [`The model has no class ${[...unknown].join(", ")} and can't name it.`];
}

const predictionOf = (
  { id, text, audio, label }: Utterance,
  probabilities: readonly number[],
  labels: readonly string[],
): Prediction => ({
  id,
  text,
  audio,
  label,
  predicted: labels[argmax(probabilities)],
  probabilities: Object.fromEntries(labels.map((name, i) => [name, probabilities[i]])),
});

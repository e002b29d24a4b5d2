/** Emotions of utterances that a model has not seen: from a checkpoint and the encoders that it names. */
import { disposeParams, useEngine } from "../compute/mod.ts";
import { type Dataset, type Rejection, type Utterance } from "../data/mod.ts";
import { encodeDataset, type EncodeProgress, speechEncoder, textEncoder } from "../encoders/mod.ts";
import { argmax, softmax } from "../eval/mod.ts";
import { badInput } from "../errors.ts";
import { loadClassifier, predictLogits, requireSameEncoders, scaleExamples } from "../model/mod.ts";
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
  unused: ("text" | "audio")[];
}

/** Predicts every row whose split is among those given by `rows`; splits and labels are not looked at. Throws UndertoneError. */
export async function infer(
  path: string,
  { rows, root }: Pick<Dataset, "rows" | "root">,
  options: InferOptions = {},
): Promise<Inference> {
  const { cacheDir, signal, onProgress } = options;
  await useEngine(options.engine);
  const checkpoint = checkpointPath(path);
  const { model } = await loadClassifier(checkpoint);
  const { text, audio } = model.encoders;
  const encoders = {
    text: text && rows.some((row) => row.text) ? await textEncoder(text.id) : undefined,
    audio: audio && rows.some((row) => row.audio) ? await speechEncoder(audio.id) : undefined,
  };
  requireSameEncoders(
    { encoders: { text: encoders.text && text, audio: encoders.audio && audio } },
    encoders,
    checkpoint,
  );
  const readable = rows.filter((row) => (text && row.text) || (audio && row.audio));
  const blind = rows.filter((row) => !readable.includes(row));
  const wants = [text && "text", audio && "speech"].filter(Boolean).join(" or ");
  if (readable.length === 0) {
    throw badInput({
      expected: `${wants} for a ${model.method.id} model`,
      found: "rows with neither",
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
  const dead = new Set(features.rejected.map(({ id }) => id));
  const usable = readable.filter(({ id }) => !dead.has(id));
  const examples = usable.map(({ id }) => ({
    id,
    text: features.text?.get(id),
    audio: features.audio?.get(id),
    label: -1,
  }));
  const logits = await predictLogits(model, scaleExamples(model, examples), { signal });
  disposeParams(model.params);
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
  return { predictions, rejected: [...rejected, ...features.rejected], method: model.method.id, unused };
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

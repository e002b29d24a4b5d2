/** Some utterances, as a model reads them and as the file that is exported from it does. */
import { clipPath, type Dataset, type Example, loadAudio, type Utterance } from "../data/mod.ts";
import {
  encodeDataset,
  type InnerEncoder,
  type Modality,
  packed,
  readUnencoded,
  type Row,
  type TrainableEncoder,
  unpacked,
} from "../encoders/mod.ts";
import { type Classifier, scaleExamples } from "../model/mod.ts";
import type { Part } from "./parts.ts";

export interface Trial {
  example: Example;
  /** What the inputs of each modality are made of. */
  rows: Partial<Record<Modality, Row>>;
}

/** The rows of a data set that both can read. */
export async function trialsOf(
  model: Classifier,
  parts: readonly Part[],
  dataset: Dataset,
): Promise<Trial[]> {
  const frozen = Object.fromEntries(parts.map(({ intake, frozen }) => [intake.modality, frozen]));
  const features = await encodeDataset(dataset, frozen);
  const unencoded = await readUnencoded(dataset, model.inner, model.maxLength);
  const dead = new Set([...features.rejected, ...unencoded.rejected].map(({ id }) => id));
  const usable = dataset.rows.filter(({ id }) => !dead.has(id));
  const examples = usable.map(({ id }): Example => ({
    id,
    text: features.text?.get(id),
    audio: features.audio?.get(id),
    raw: { text: unencoded.text?.get(id), audio: unencoded.audio?.get(id) },
    label: -1,
  }));
  const rows = await Promise.all(usable.map(async (utterance, i) => {
    const row: Trial["rows"] = {};
    for (const { intake: { modality }, inside } of parts) {
      if (utterance[modality] === undefined) continue;
      row[modality] = inside
        ? await rowOf(model, dataset, utterance, modality, inside)
        : examples[i][modality]!.data;
    }
    return row;
  }));
  return scaleExamples(model, examples).map((example, i) => ({ example, rows: rows[i] }));
}

/** Token ids, or samples; those that a model's own encoder hears are kept as 16-bit integers. */
async function rowOf(
  { inner, maxLength }: Classifier,
  { root }: Dataset,
  { text, audio }: Utterance,
  modality: Modality,
  encoder: InnerEncoder,
): Promise<Row> {
  if (modality === "text") {
    return (encoder as TrainableEncoder<string>).rowOf(text!, inner.text ? maxLength.text : Infinity);
  }
  const samples = await loadAudio(clipPath(root, audio!));
  return inner.audio ? unpacked(packed(samples)) : samples;
}

/** Utterances in two forms: as a model reads them and as its exported file does. */
import { clipPath, type Dataset, type Example, loadAudio, type Utterance } from "../data/mod.ts";
import { type Modality, packed, readExamples, type Row, unpacked } from "../encoders/mod.ts";
import { type Classifier, scaleExamples } from "../model/mod.ts";
import type { Part } from "./parts.ts";

export interface Trial {
  example: Example;
  /** The row of each modality, from which the file's inputs are made. */
  rows: Partial<Record<Modality, Row>>;
}

/** Returns the rows of a data set that both can read. */
export async function trialsOf(
  model: Classifier,
  parts: readonly Part[],
  dataset: Dataset,
): Promise<Trial[]> {
  const frozen = Object.fromEntries(parts.map(({ inputs, frozen }) => [inputs.modality, frozen]));
  const { rows: usable, examples } = await readExamples(
    dataset,
    { frozen, modelEncoders: model.modelEncoders },
    model.maxLength,
  );
  const rows = await Promise.all(usable.map(async (utterance, i) => {
    const row: Trial["rows"] = {};
    for (const { inputs: { modality }, rowOf } of parts) {
      const states = examples[i][modality]; // of an encoder outside the file
      if (!rowOf && states) row[modality] = states.data;
      if (!rowOf || utterance[modality] === undefined) continue;
      row[modality] = rowOf(await inputOf(model, dataset, utterance, modality) as never);
    }
    return row;
  }));
  return scaleExamples(model, examples).map((example, i) => ({ example, rows: rows[i] }));
}

/**
 * Returns a text, or samples. For a model's own speech encoder they are rounded to 16 bits, as in training.
 */
async function inputOf(
  { modelEncoders }: Classifier,
  { root }: Dataset,
  { text, audio }: Utterance,
  modality: Modality,
): Promise<string | ArrayLike<number>> {
  if (modality === "text") return text!;
  const samples = await loadAudio(clipPath(root, audio!));
  return modelEncoders.audio ? unpacked(packed(samples)) : samples;
}

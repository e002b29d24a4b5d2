/** How training rows look to a model in one epoch: the changes that augmentation makes, drawn by seed. */
import {
  type Augmenting,
  augmentStates,
  augmentWaveform,
  augmentWords,
  BEFORE_ENCODING,
  chosenOf,
  type DrawKey,
  type Example,
  keptModalities,
  streamOf,
  type Unencoded,
} from "../data/mod.ts";
import { badInput } from "../errors.ts";
import { type Modality, type Row, unpacked } from "../encoders/mod.ts";
import type { Classifier } from "./classifier.ts";
import { MODALITIES } from "./model_encoders.ts";

/** What a row's changes depend on besides the row, so that neither batches nor the order of rows matter. */
export interface ViewOf {
  seed: number;
  epoch: number;
  /** How often the epoch took the row before. */
  time: number;
}

/**
 * Returns a function from a scaled row to its changed form. Hidden states are one of the row's copies or its
 * own, each equally likely; inputs of encoders in the model are changed anew as often. `frameWidth` is that
 * of the speech encoder.
 */
export function viewer(
  model: Classifier,
  augmenting: Augmenting,
  frameWidth?: number,
): <Row extends Example>(example: Row, of: ViewOf) => Row {
  return <Row extends Example>(example: Row, { seed, epoch, time }: ViewOf): Row => {
    const key = [seed, epoch, example.id, time], view = { ...example };
    for (const modality of MODALITIES) {
      const states = example[modality], raw = example.raw?.[modality];
      if (states) {
        const all = [states, ...example.copies?.[modality] ?? []];
        view[modality] = all[streamOf(`copy of ${modality}`, key).integer(all.length)];
      } else if (raw && chosenOf(augmenting, BEFORE_ENCODING[modality]).length > 0) {
        const isChanged = streamOf(`copy of ${modality}`, key).integer(augmenting.copies + 1) > 0;
        if (isChanged) {
          view.raw = { ...view.raw, [modality]: changedRaw(model, augmenting, modality, raw, key) };
        }
      }
    }
    if (view.audio) {
      const length = Math.min(view.audio.length, model.maxLength.audio);
      view.audio = augmentStates(augmenting, { ...view.audio, length }, key, frameWidth);
    }
    const read = MODALITIES.filter((modality) => model.encoders[modality]);
    const present = read.filter((modality) => (view[modality] ?? view.raw?.[modality])?.length);
    const kept = keptModalities(augmenting, present, key);
    for (const modality of present.filter((modality) => !kept.includes(modality))) {
      view[modality] = undefined;
      if (view.raw) view.raw = { ...view.raw, [modality]: undefined };
    }
    return view;
  };
}

/** Returns the input of an encoder in the model as the augmentations change it. */
export function changedRaw(
  { modelEncoders, maxLength }: Classifier,
  augmenting: Augmenting,
  modality: Modality,
  raw: Unencoded,
  key: DrawKey,
): Unencoded {
  const { preprocess, piece = Infinity } = modelEncoders[modality]!;
  const given = unpacked(raw.row);
  const row: Row = modality === "text"
    ? preprocess.tokens!.edit(
      given,
      (own) =>
        augmentWords(augmenting, own, key, preprocess.tokens!.mask?.id).filter((id) => id !== undefined),
    )
    : preprocess.rowOf(
      augmentWaveform(augmenting, Float32Array.from(given), key) as never,
      Math.min(maxLength.audio, piece),
    );
  return { row, length: preprocess.statesOf(row) };
}

/**
 * Throws UndertoneError if a text encoder lacks the mask token that an augmentation needs, or, if it trains,
 * can't have its tokens changed.
 */
export function requireEditable(
  augmenting: Augmenting,
  { id, preprocess }: { id: string; preprocess?: { tokens?: { mask?: unknown } } },
  { trains }: { trains: boolean },
): void {
  const words = chosenOf(augmenting, "words"), masking = words.find(({ entry }) => entry.needsMask);
  if (masking && !preprocess?.tokens?.mask) {
    throw badInput({
      expected: `a text encoder with a mask token for --augment.${masking.entry.id}`,
      found: `'${id}', which has none`,
      at: "the configuration",
      todo: "Use --augment.word_dropout, or an encoder from hf:<folder> with a mask token.",
    });
  }
  if (trains && words.length > 0 && !preprocess?.tokens) {
    throw badInput({
      expected: `an encoder that tells its tokens for --augment.${words[0].entry.id}`,
      found: `'${id}', which trains and does not`,
      at: "the configuration",
      todo: "Freeze it, or leave the augmentation of words out.",
    });
  }
}

/** Stored features for rows that a model was not trained on: another file, by the same tool. */
import { isStored, type Modality } from "../encoders/mod.ts";
import { badInput } from "../errors.ts";
import { type Classifier, MODALITIES } from "../model/mod.ts";

/** Names of stored features by modality, e.g. `{ audio: "features:new.npz" }`. */
export type GivenFeatures = Partial<Record<Modality, string>>;

/**
 * Throws UndertoneError unless each given name is one of stored features, and the model reads such features.
 */
export function requireFeatures(
  { encoders }: Pick<Classifier, "encoders">,
  given: GivenFeatures,
  at: string,
): void {
  for (const modality of MODALITIES) {
    const name = given[modality], trained = encoders[modality]?.id;
    if (name === undefined) continue;
    if (!isStored(modality, name)) {
      throw badInput({
        expected: `features:<path>, stored features of ${modality},`,
        found: `'${name}'`,
        at: `--${modality}`,
        todo: `Write --${modality} features:<path>, or leave it out: the model names its own encoder.`,
      });
    }
    if (trained !== undefined && isStored(modality, trained)) continue;
    throw badInput({
      expected: `a model that was trained on stored features of ${modality}`,
      found: trained === undefined ? `one that reads no ${modality}` : `one with the encoder ${trained}`,
      at,
      todo: `Leave --${modality} out: only features by the training's own tool mean the same to a model.`,
    });
  }
}

/**
 * Returns the model's encoders except those whose features were given, which can't be the same. Throws
 * UndertoneError if given features have another width.
 */
export function withoutGiven(
  encoders: Classifier["encoders"],
  found: Partial<Record<Modality, { width: number }>>,
  given: GivenFeatures,
): Classifier["encoders"] {
  const rest = { ...encoders };
  for (const modality of MODALITIES) {
    const name = given[modality], trained = encoders[modality], now = found[modality];
    if (name === undefined || !trained || !now) continue;
    if (now.width !== trained.width) {
      throw badInput({
        expected: `features of width ${trained.width}, as the model was trained on (${trained.id}),`,
        found: `width ${now.width}`,
        at: name,
        todo: "Compute the features with the tool and the layer of the training.",
      });
    }
    delete rest[modality];
  }
  return rest;
}

/** Returns a note on each modality whose features were given. */
export const givenNotes = ({ encoders }: Pick<Classifier, "encoders">, given: GivenFeatures): string[] =>
  MODALITIES.flatMap((modality) =>
    given[modality] === undefined ? [] : [
      `The ${modality} features are ${given[modality]}, and those of the training were ` +
      `${encoders[modality]!.id}: the answers mean something only if one tool computed both.`,
    ]
  );

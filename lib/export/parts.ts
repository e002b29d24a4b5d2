/** Which encoders of a model go into the graph with it, and which stay outside. */
import type { Modality } from "../data/mod.ts";
import { type FrozenEncoder, type InnerEncoder, speechEncoder, textEncoder } from "../encoders/mod.ts";
import { type Classifier, MODALITIES, requireSameEncoders } from "../model/mod.ts";
import type { Intake } from "./intake.ts";
import { speechIntake } from "./speech_intake.ts";
import { statesIntake } from "./states_intake.ts";
import { textIntake } from "./text_intake.ts";

/** One modality of a model that is exported. */
export interface Part {
  intake: Intake;
  /** The encoder in the graph; without one, hidden states are inputs. */
  inside?: InnerEncoder;
  /** The encoder by name, where it is not the model's own. */
  frozen?: FrozenEncoder<never>;
}

/**
 * A part for each modality that the model reads. Encoders that are not its own must be those that it was trained on.
 * Throws UndertoneError; `at` is the checkpoint.
 */
export async function partsOf(model: Classifier, at: string): Promise<Part[]> {
  const parts: Part[] = [];
  for (const modality of MODALITIES) {
    const trained = model.encoders[modality], own = model.inner[modality];
    if (!trained) continue;
    if (own) {
      parts.push({ intake: intakeOf(modality, own, model.maxLength[modality]), inside: own });
    } else {
      const frozen = await encoderOf(modality, trained.id);
      requireSameEncoders({ encoders: { [modality]: trained } }, { [modality]: frozen }, at);
      const inside = frozen.thaw?.();
      const intake = inside ? intakeOf(modality, inside) : statesIntake(modality, trained.width);
      parts.push({ intake, inside, frozen });
    }
  }
  return parts;
}

const encoderOf = (modality: Modality, id: string): Promise<FrozenEncoder<never>> =>
  modality === "text" ? textEncoder(id) : speechEncoder(id);

/** A frozen encoder reads whole utterances; `most` are the states that one inside the model makes. */
const intakeOf = (modality: Modality, encoder: InnerEncoder, most?: number): Intake =>
  (modality === "text" ? textIntake : speechIntake)(encoder, most);

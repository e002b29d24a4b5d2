/** Which encoders of a model go into the graph with it, and which stay outside. */
import type { Modality } from "../data/mod.ts";
import {
  type FrozenEncoder,
  type GraphInputs,
  type ModelEncoder,
  modelEncoder,
  speechEncoder,
  textEncoder,
} from "../encoders/mod.ts";
import { badInput } from "../errors.ts";
import { type Classifier, MODALITIES, requireSameEncoders } from "../model/mod.ts";
import { encoderInputs, type PartInputs, stateInputs } from "./parts_inputs.ts";

/** One modality of a model that is exported. */
export interface Part {
  inputs: PartInputs;
  /** The encoder in the graph, and what goes into it; without one, hidden states are inputs. */
  inside?: ModelEncoder;
  rowOf?: GraphInputs["rowOf"];
  /** The encoder by name, where it is not the model's own. */
  frozen?: FrozenEncoder<never>;
}

/**
 * A part for each modality that the model reads. Encoders that are not its own must be those that it was trained on; their
 * parameters in `inside` are the caller's to free. Throws UndertoneError; `at` is the checkpoint.
 */
export async function partsOf(model: Classifier, at: string): Promise<Part[]> {
  const parts: Part[] = [];
  for (const modality of MODALITIES) {
    const trained = model.encoders[modality], own = model.modelEncoders[modality];
    if (!trained) continue;
    if (own) {
      if (!own.graphInputs) throw cannotBeInside(own.id, at);
      parts.push(partOf(own, own.graphInputs(model.maxLength[modality])));
      continue;
    }
    const frozen = await encoderOf(modality, trained.id), { network } = frozen;
    requireSameEncoders({ encoders: { [modality]: trained } }, { [modality]: frozen }, at);
    const inputs = network?.graphInputs?.(); // a frozen encoder reads whole utterances
    parts.push(
      inputs
        ? { ...partOf(modelEncoder(network!), inputs), frozen }
        : { inputs: stateInputs(modality, trained.width), frozen },
    );
  }
  return parts;
}

const partOf = (inside: ModelEncoder, inputs: GraphInputs): Part => ({
  inputs: encoderInputs(inside, inputs),
  inside,
  rowOf: inputs.rowOf,
});

const encoderOf = (modality: Modality, id: string): Promise<FrozenEncoder<never>> =>
  modality === "text" ? textEncoder(id) : speechEncoder(id);

const cannotBeInside = (id: string, at: string) =>
  badInput({
    expected: "an encoder that can be in an exported file",
    found: `${id}, which has no graphInputs,`,
    at,
    todo: "Give its network graphInputs, or train with it frozen: the file then takes its hidden states.",
  });

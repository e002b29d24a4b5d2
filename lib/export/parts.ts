/** Decides which encoders of a model go into the graph and which stay outside. */
import type { Modality } from "../data/mod.ts";
import {
  type EncoderGraph,
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

/** One modality of an exported model. */
export interface Part {
  /** The inputs of the graph that is recorded. */
  inputs: PartInputs;
  /** The encoder in the recorded graph. Without one, that graph begins with hidden states. */
  inside?: ModelEncoder;
  /** The finished graph of an encoder that computes these hidden states in the file. */
  graph?: EncoderGraph;
  rowOf?: GraphInputs["rowOf"];
  /** The frozen encoder, if the model does not contain its own. */
  frozen?: FrozenEncoder<never>;
}

/** The inputs of the file: those of a finished graph, or those of the recorded one. */
export const fileInputs = (
  { inputs, graph }: Part,
): Pick<EncoderGraph, "ports" | "about" | "tokenizer" | "feed"> => graph ?? inputs;

/** Whether the file contains the encoder. If not, its hidden states are inputs. */
export const isInside = ({ inside, graph }: Part): boolean => (inside ?? graph) !== undefined;

/**
 * Returns a part for each modality that the model reads. Frozen encoders must be those that the model was
 * trained on. The caller disposes their parameters in `inside`. Throws UndertoneError; `at` is the
 * checkpoint.
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
    if (inputs) parts.push({ ...partOf(modelEncoder(network!), inputs), frozen });
    else {
      const graph = await frozen.graph?.();
      parts.push({ inputs: stateInputs(modality, trained.width), graph, rowOf: graph?.rowOf, frozen });
    }
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
    expected: "an encoder that an exported file can contain",
    found: `${id}, which has no graphInputs,`,
    at,
    todo: "Give its network graphInputs, or keep the encoder frozen: the file then takes its hidden states.",
  });

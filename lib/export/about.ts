/** Describes an exported model, in the file's metadata and in the JSON file beside it. */
import { env } from "onnxruntime-node";
import { OPSET, type Port } from "../compute/mod.ts";
import { type GraphPort, licenceOf, type Modality, publicName } from "../encoders/mod.ts";
import type { Classifier } from "../model/mod.ts";
import type { LabelMapping } from "../data/mod.ts";
import type { TargetKind } from "../target.ts";
import { type OutputOptions, outputsOf } from "./classifier_graph.ts";
import { fileInputs, isInside, type Part } from "./parts.ts";

/** The version of the description. It changes when inputs or outputs change their meaning. */
const FORMAT = "undertone-export-1";

/** Describes an encoder of an exported model. */
export interface EncoderAbout {
  /** The encoder's name; of a folder's path only the last part. */
  id: string;
  /** Whether the graph contains the encoder. If not, its hidden states are inputs. */
  inside: boolean;
  /** Licence of the encoder's weights. */
  licence: string;
}

/** Describes an exported model to whoever opens it. */
export interface ExportAbout {
  /** Version of this description. It changes when inputs or outputs change their meaning. */
  format: string;
  /** The fusion method. */
  method: string;
  /**
   * What the outputs are: probabilities of classes or of labels, or continuous values. Absent for classes.
   */
  target?: TargetKind;
  /** Names in the order of the outputs. */
  labels: readonly string[];
  /** How the labels of the training data were mapped to these; absent if they were not. */
  label_map?: LabelMapping;
  /** Inputs of the graph, each with its meaning. */
  inputs: readonly GraphPort[];
  /** Outputs of the graph. */
  outputs: readonly Port[];
  /** The encoders that compute the hidden states. */
  encoders: { text?: EncoderAbout; audio?: EncoderAbout };
  /** Sample rate of the waveform in Hz. */
  sample_rate?: number;
  /** `tokenizer.json` truncates a text to this many tokens, including special ones. */
  max_tokens?: number;
  /** How `tokenizer.json` can differ from the encoder's own tokenizer, if it can. */
  token_ids?: string;
  /**
   * How the file scales hidden states where the model scaled them by groups: it can't, so by the train split.
   */
  scaling?: string;
  /** Number of hidden states of an utterance that are read at most. */
  max_states: Partial<Record<Modality, number>>;
  /** Versions of the software that wrote the file. */
  versions: Readonly<Record<string, string>>;
}

export function aboutOf(
  model: Classifier,
  parts: readonly Part[],
  options: OutputOptions = {},
): ExportAbout {
  const by = <T>(valueOf: (modality: Modality, part: Part) => T) =>
    Object.fromEntries(parts.map((part) => [part.inputs.modality, valueOf(part.inputs.modality, part)]));
  return {
    format: FORMAT,
    method: model.method.id,
    ...model.target !== "class" && { target: model.target },
    labels: model.labels,
    inputs: parts.flatMap((part) => fileInputs(part).ports),
    outputs: outputsOf(model, options),
    encoders: by((modality, part) => {
      const { id } = model.encoders[modality]!;
      return { id: publicName(id), inside: isInside(part), licence: licenceOf(modality, id) };
    }),
    ...Object.assign({}, ...parts.map((part) => fileInputs(part).about)),
    max_states: by((modality) => model.maxLength[modality]),
    versions: { opset: String(OPSET), onnxruntime: env.versions.node!, deno: Deno.version.deno },
  };
}

/**
 * Returns the description as string pairs for the file's metadata. Strings stay as they are; other values
 * become JSON.
 */
export const metadataOf = (about: ExportAbout): Record<string, string> =>
  Object.fromEntries(
    Object.entries(about).map((
      [key, value],
    ) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );

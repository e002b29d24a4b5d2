/** What whoever opens an exported model must know, in the file itself and beside it. */
import { env } from "onnxruntime-node";
import { type GraphPort, type Modality, speechEncoders, textEncoders } from "../encoders/mod.ts";
import type { Classifier } from "../model/mod.ts";
import { outputsOf } from "./classifier_graph.ts";
import type { Port } from "./graph.ts";
import { OPSET } from "./model_file.ts";
import type { Part } from "./parts.ts";

/** Raised when inputs or outputs change their meaning. */
const FORMAT = "undertone-export-1";

/** What is to be known of an encoder of an exported model. */
export interface EncoderAbout {
  /** By what name it was asked for; of a folder's path only the last part. */
  id: string;
  /** Whether it is in the graph; else its states are inputs. */
  inside: boolean;
  /** Of its weights. */
  licence: string;
}

/** What whoever opens an exported model must know. */
export interface ExportAbout {
  /** Raised when inputs or outputs change their meaning. */
  format: string;
  /** Its fusion method. */
  method: string;
  /** In the order of the probabilities. */
  labels: readonly string[];
  /** Inputs of the graph, and what each is. */
  inputs: readonly GraphPort[];
  /** Outputs of the graph. */
  outputs: readonly Port[];
  /** Where the hidden states come from. */
  encoders: { text?: EncoderAbout; audio?: EncoderAbout };
  /** Hz of the waveform. */
  sample_rate?: number;
  /** To so many, special ones among them, `tokenizer.json` cuts a text. */
  max_tokens?: number;
  /** Most hidden states of an utterance that are read. */
  max_states: Partial<Record<Modality, number>>;
  /** Of what wrote it. */
  versions: Readonly<Record<string, string>>;
}

export function aboutOf(model: Classifier, parts: readonly Part[]): ExportAbout {
  const by = <T>(valueOf: (modality: Modality, part: Part) => T) =>
    Object.fromEntries(parts.map((part) => [part.inputs.modality, valueOf(part.inputs.modality, part)]));
  return {
    format: FORMAT,
    method: model.method.id,
    labels: model.labels,
    inputs: parts.flatMap(({ inputs }) => inputs.ports),
    outputs: outputsOf(model),
    encoders: by((modality, { inside }) => {
      const { id } = model.encoders[modality]!;
      return { id: publicName(id), inside: inside !== undefined, licence: licenceOf(modality, id) };
    }),
    ...Object.assign({}, ...parts.map(({ inputs }) => inputs.about)),
    max_states: by((modality) => model.maxLength[modality]),
    versions: { opset: String(OPSET), onnxruntime: env.versions.node!, deno: Deno.version.deno },
  };
}

/** The same as pairs of words, for the file's metadata: JSON but for single words. */
export const metadataOf = (about: ExportAbout): Record<string, string> =>
  Object.fromEntries(
    Object.entries(about).map((
      [key, value],
    ) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );

/** Licences of an encoder, or of each of several side by side. */
function licenceOf(modality: Modality, id: string): string {
  const entries = modality === "text" ? textEncoders() : speechEncoders();
  const licences = id.split("+").map((part) =>
    entries.find((entry) => entry.id === part.split(":")[0])?.licence ?? "unknown"
  );
  return [...new Set(licences)].join("; ");
}

/** An encoder's name without the folders that someone keeps it in. */
const publicName = (id: string): string => id.replace(/:.*[\\/]/, ":");

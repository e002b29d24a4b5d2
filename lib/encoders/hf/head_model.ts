/**
 * A Hugging Face checkpoint with a classification head of its own: a frozen encoder, its head and its labels.
 */
import { join } from "node:path";
import { z } from "zod";
import { badInput, few } from "../../errors.ts";
import { readJson } from "../../files/mod.ts";
import { parseFacts } from "../../schema.ts";
import type { FrozenEncoder, Modality, Sequence, Weights } from "../encoder.ts";
import { frozenEncoder } from "../network.ts";
import { textArchitecture } from "./config.ts";
import { type Head, SPEECH_HEADS, TEXT_HEADS } from "./head.ts";
import { speechArchitecture } from "./speech/config.ts";
import { readSpeechEncoder } from "./speech/speech_encoder.ts";
import { readTextEncoder } from "./text_encoder.ts";
import { LAYER_WEIGHTS } from "./weighted_layers.ts";
import { readWeights } from "./weights.ts";

/** More classes than any emotion corpus has. */
const MOST_CLASSES = 10_000;

const headConfig = z.object({
  model_type: z.string(),
  architectures: z.array(z.string()).nullish(),
  id2label: z.record(z.string(), z.union([z.string(), z.number()])).nullish(),
  num_labels: z.int().min(1).max(MOST_CLASSES).nullish(),
  problem_type: z.string().nullish(),
  use_weighted_layer_sum: z.boolean().default(false),
  classifier_proj_size: z.int().min(1).max(100_000).default(256),
});

/** A model that classifies by itself. */
export interface HeadModel {
  /** Its name, `hf:<folder>`. */
  id: string;
  modality: Modality;
  /** Its classes in order. */
  labels: readonly string[];
  encoder: FrozenEncoder<never>;
  /** Returns the logits of an utterance's hidden states, one for each class. */
  logits(states: Sequence): Float64Array;
}

/**
 * Reads the model in `folder`. Throws UndertoneError if it has no head for one of several classes, or one
 * that is not supported.
 */
export async function readHeadModel(folder: string, id: string): Promise<HeadModel> {
  const at = join(folder, "config.json"),
    json = await readJson(at),
    config = parseFacts(headConfig, json, at);
  const { modality, head } = headOf(config, at),
    { prefix } = familyOf[modality](json, at),
    labels = labelsOf(config, at);
  const isWeighted = modality === "audio" && config.use_weighted_layer_sum;
  const network = modality === "text"
    ? await readTextEncoder(folder)
    : await readSpeechEncoder(folder, isWeighted ? "all" : undefined);
  const sizes = { width: network.width, classes: labels.length, projection: config.classifier_proj_size };
  // The head's weights alone: the encoder's own are no surprise here.
  const own = { ...head.shapes(sizes), ...isWeighted ? { [LAYER_WEIGHTS]: layersOf(network.weights) } : {} };
  const weights = await readWeights(folder, prefix, own);
  const whole = isWeighted
    ? { ...network, weights: { ...network.weights, [LAYER_WEIGHTS]: weights[LAYER_WEIGHTS] } }
    : network;
  const encoder = { ...frozenEncoder(whole as never), id } as FrozenEncoder<never>;
  return { id, modality, labels, encoder, logits: (states) => head.logits(states, weights) };
}

const layersOf = (weights: Weights): number[] => weights[LAYER_WEIGHTS].shape;

const familyOf = {
  text: (json: unknown, at: string) => textArchitecture(json, at).family,
  audio: (json: unknown, at: string) => speechArchitecture(json, at).family,
};

function headOf(config: z.infer<typeof headConfig>, at: string): { modality: Modality; head: Head } {
  const { model_type, architectures, problem_type } = config;
  const refuse = (expected: string, found: string, todo: string) => badInput({ expected, found, at, todo });
  const known = { text: TEXT_HEADS, audio: SPEECH_HEADS };
  const [modality, head] = (["text", "audio"] as const).flatMap((modality) => {
    const head = known[modality].find(({ families }) => families.includes(model_type));
    return head ? [[modality, head] as const] : [];
  })[0] ?? [];
  if (!modality) {
    const all = [...TEXT_HEADS, ...SPEECH_HEADS].flatMap(({ families }) => families).join(", ");
    throw refuse(
      `a classifier of the architectures ${all}`,
      `model_type '${model_type}'`,
      "Choose a model with one of these architectures.",
    );
  }
  if (!architectures?.some((name) => name.endsWith("ForSequenceClassification"))) {
    throw refuse(
      "a model with a classification head (…ForSequenceClassification)",
      architectures?.length ? few(architectures) : "no architectures",
      "Choose a checkpoint that was fine-tuned for classification, or train a head: deno task train " +
        `--${modality} hf:<folder>.`,
    );
  }
  if (problem_type && problem_type !== "single_label_classification") {
    throw refuse(
      "a head that chooses one of several classes (single_label_classification)",
      `problem_type '${problem_type}'`,
      "Choose a checkpoint for one class at a time.",
    );
  }
  return { modality, head };
}

/** Returns the names of the classes: those of `id2label`, else LABEL_0, … as transformers names them. */
function labelsOf({ id2label, num_labels }: z.infer<typeof headConfig>, at: string): string[] {
  const count = id2label ? Object.keys(id2label).length : num_labels ?? 2;
  const names = Array.from(
    { length: Math.min(count, MOST_CLASSES) },
    (_, i) => id2label?.[i] ?? `LABEL_${i}`,
  );
  const isWhole = !id2label || names.every((_, i) => Object.hasOwn(id2label, `${i}`));
  const lower = new Set(names.map((name) => `${name}`.toLowerCase()));
  if (count >= 2 && count <= MOST_CLASSES && isWhole && lower.size === count) return names.map(String);
  throw badInput({
    expected:
      `at least two classes, at most ${MOST_CLASSES}, numbered from 0 in id2label, each with its own name`,
    found: id2label ? JSON.stringify(id2label).slice(0, 200) : `num_labels ${count}`,
    at,
    todo: "Choose a checkpoint that classifies, or mend id2label.",
  });
}

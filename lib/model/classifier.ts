/** A model as a value: a fusion head, the encoders that train with it, all parameters, and what is needed to feed it. */
import * as tf from "@tensorflow/tfjs-core";
import type { Params } from "../nn/mod.ts";
import { type Example, fitStandardizer, type Standardizer } from "../data/mod.ts";
import type { EncoderOutput, InnerEncoder, Modality } from "../encoders/encoder.ts";
import type { ForwardContext, FusionInput, FusionMethod, FusionOutput, FusionSizes } from "../fusion/mod.ts";
import { type InnerEncoders, MODALITIES, paramsOf } from "./inner.ts";

/** The encoder whose states a model was trained on, or from which its own encoder's training started. */
export interface EncoderRef {
  id: string;
  fingerprint: string;
  width: number;
  rate?: number;
}

export interface Classifier {
  method: FusionMethod;
  options: Record<string, unknown>;
  sizes: FusionSizes;
  /** Label names; the index of a name is its class. */
  labels: readonly string[];
  /** Encoders by modality; a modality that the run goes without is absent. */
  encoders: Partial<Record<Modality, EncoderRef>>;
  /** Those of them that are part of the model: they make hidden states in the step, wherever none are given. */
  inner: InnerEncoders;
  /** Scaling of hidden states, fitted on train; absent where states are taken as they are. */
  standardizers: Partial<Record<Modality, Standardizer>>;
  /** States kept per utterance. */
  maxLength: Readonly<Record<Modality, number>>;
  /** The head's under their own names, those of encoders inside after `text.` and `audio.`. */
  params: Params;
}

/** What a new model is made from. */
export interface Blueprint {
  method: FusionMethod;
  options: Record<string, unknown>;
  labels: readonly string[];
  encoders: Classifier["encoders"];
  /** Encoders for the model to own. */
  inner?: InnerEncoders;
  maxLength: Classifier["maxLength"];
  /** Examples whose hidden states set the scale, but for those of encoders inside; absent where none are scaled. */
  scaleBy?: readonly Example[];
  seed: number;
}

/** A model with a fresh head. */
export function newClassifier({ scaleBy, seed, inner = {}, ...rest }: Blueprint): Classifier {
  const { method, options, labels, encoders } = rest;
  const sizes = {
    text: encoders.text?.width ?? 1,
    audio: encoders.audio?.width ?? 1,
    classes: labels.length,
  };
  const standardizers: Classifier["standardizers"] = {};
  for (const modality of MODALITIES) {
    if (!scaleBy || !encoders[modality] || inner[modality]) continue;
    standardizers[modality] = fitStandardizer(new Set(scaleBy.flatMap((example) => example[modality] ?? [])));
  }
  const params = { ...method.init(options, sizes, seed), ...paramsOf(inner) };
  return { ...rest, inner, sizes, standardizers, params };
}

/** The model on the inputs of a `Reader`: encoders inside where hidden states are not given, then the head. */
export function forward(
  { method, params, options, inner }: Classifier,
  inputs: Record<string, tf.Tensor>,
  context: ForwardContext,
): FusionOutput {
  const input = { ...inputs };
  for (const modality of MODALITIES) {
    if (modality in inputs) continue;
    const { states, mask } = encoded(inner[modality]!, modality, inputs, context);
    Object.assign(input, { [modality]: states, [`${modality}Mask`]: mask });
  }
  return method.apply(params, input as unknown as FusionInput, options, context);
}

/** Hidden states by an encoder inside; an utterance that lacks the modality has none. */
function encoded(
  { apply, params }: InnerEncoder,
  modality: Modality,
  inputs: Record<string, tf.Tensor>,
  context: ForwardContext,
): EncoderOutput {
  const under = `${modality}.`;
  const { present, ...own } = Object.fromEntries(
    Object.entries(inputs).filter(([name]) => name.startsWith(under))
      .map(([name, tensor]) => [name.slice(under.length), tensor]),
  );
  const { states, mask } = apply(params, own, context);
  return { states, mask: tf.mul(mask, tf.expandDims(present, 1)) };
}

/**
 * A whole model: a fusion head, the encoders that train
 * with it, the standardisers, labels and all parameters.
 */
import * as tf from "@tensorflow/tfjs-core";
import { type Params, shapesOf } from "../nn/mod.ts";
import { type Example, fitStandardizer, type Standardizer } from "../data/mod.ts";
import { badInput } from "../errors.ts";
import { requireFinite } from "../finite.ts";
import type { TargetKind } from "../target.ts";
import type { EncoderOutput, Modality, ModelEncoder } from "../encoders/mod.ts";
import {
  applyMethod,
  type ForwardContext,
  type FusionInput,
  type FusionMethod,
  type FusionOutput,
  type FusionSizes,
  wrongName,
} from "../fusion/mod.ts";
import { earlierParams, withEarlier } from "./earlier.ts";
import { withMixed } from "./mixed.ts";
import { MODALITIES, type ModelEncoders, paramsOf } from "./model_encoders.ts";

/**
 * The encoder that produced the hidden states of the training, or from which the model's own encoder started.
 */
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
  /** What the logits mean: scores of classes or of labels, or continuous values. */
  target: TargetKind;
  /** Names of the classes, labels or dimensions, in the order of the logits. */
  labels: readonly string[];
  /** Encoders by modality; a modality that the model does not read is absent. */
  encoders: Partial<Record<Modality, EncoderRef>>;
  /**
   * The encoders that are part of the model. They compute hidden states in the step if the inputs have none.
   */
  modelEncoders: ModelEncoders;
  /** Standardisers of the hidden states, fitted on the train split; absent if the states are not scaled. */
  standardizers: Partial<Record<Modality, Standardizer>>;
  /** Most hidden states per utterance. */
  maxLength: Readonly<Record<Modality, number>>;
  /** Number of earlier utterances whose mean states follow an utterance's own. Default 0. */
  earlier?: number;
  /**
   * All parameters: those of the head under their own names, those of encoders under `text.` and `audio.`.
   */
  params: Params;
}

/** The parts from which a new model is built. */
export interface Blueprint {
  method: FusionMethod;
  options: Record<string, unknown>;
  /** Default: a class. */
  target?: TargetKind;
  labels: readonly string[];
  encoders: Classifier["encoders"];
  /** Encoders that become part of the model. */
  modelEncoders?: ModelEncoders;
  maxLength: Classifier["maxLength"];
  /** As in a classifier. */
  earlier?: number;
  /** Examples that fit each modality's standardiser, except for an encoder in the model; absent for none. */
  scaleBy?: Partial<Record<Modality, readonly Example[]>>;
  seed: number;
}

/**
 * Builds a model with a new head. Throws UndertoneError if the head is too large, if its parameters use
 * reserved names, or if a standardiser can't be fitted.
 */
export function newClassifier(
  { scaleBy, seed, modelEncoders = {}, target = "class", ...rest }: Blueprint,
): Classifier {
  const { method, options, labels, encoders } = rest;
  const sizes = {
    text: encoders.text?.width ?? 1,
    audio: encoders.audio?.width ?? 1,
    classes: labels.length,
  };
  requirePossible(method, options, sizes);
  const standardizers: Classifier["standardizers"] = {};
  for (const modality of MODALITIES) {
    const examples = scaleBy?.[modality];
    if (!examples || !encoders[modality] || modelEncoders[modality]) continue;
    standardizers[modality] = scaling(modality, examples);
  }
  const params = {
    ...method.init(options, sizes, seed),
    ...earlierParams(rest.earlier ?? 0, encoders, seed),
    ...paramsOf(modelEncoders),
  };
  return { ...rest, target, modelEncoders, sizes, standardizers, params };
}

/** Most parameters of a head: with gradients and optimiser state they take 4 GiB. */
const MOST_NUMBERS = 2 ** 28;

function requirePossible(method: FusionMethod, options: Record<string, unknown>, sizes: FusionSizes): void {
  const shapes = Object.entries(shapesOf(() => method.init(options, sizes, 0)));
  const wrong = wrongName(shapes.map(([name]) => name));
  if (wrong) {
    throw badInput({
      expected: "parameter names of a head",
      found: wrong,
      at: `init of ${method.id}`,
      todo: "Rename it, e.g. to 'text_hidden.weight'.",
    });
  }
  const sizeOf = ({ shape }: { shape: number[] }) => shape.reduce((a, b) => a * b, 1);
  const numbers = shapes.reduce((sum, [, shaped]) => sum + sizeOf(shaped), 0);
  if (numbers <= MOST_NUMBERS) return;
  const [name, { shape }] = shapes.toSorted(([, a], [, b]) => sizeOf(b) - sizeOf(a))[0];
  throw badInput({
    expected: `a head of at most ${MOST_NUMBERS} parameters`,
    found: `${numbers}, most of them in ${name} [${shape}]`,
    at: `the options of ${method.id}`,
    todo: "Lower its widths or ranks, or use encoders with narrower states.",
  });
}

/**
 * Fits the standardiser of a modality. Throws UndertoneError if
 * no training row has a hidden state, or if one is not finite.
 */
function scaling(modality: Modality, examples: readonly Example[]): Standardizer {
  const states = new Set(examples.flatMap((example) => example[modality] ?? []));
  const at = `the ${modality} of the training rows`;
  if (![...states].some(({ length }) => length > 0)) {
    throw badInput({
      expected: "hidden states to fit the standardiser",
      found: "none",
      at,
      todo: `Give training rows with ${modality}, or use a method that does not read it.`,
    });
  }
  const fitted = fitStandardizer(states);
  requireFinite(
    { mean: { data: fitted.mean }, deviation: { data: fitted.std } },
    at,
    "Leave out the rows whose hidden states are not finite, or use another encoder.",
  );
  return fitted;
}

/**
 * Applies the model to the inputs of a `Reader`: encoders
 * for modalities without hidden states, then the head.
 */
export function forward(
  model: Classifier,
  inputs: Record<string, tf.Tensor>,
  context: ForwardContext,
): FusionOutput {
  const { method, params, options, sizes } = model;
  return applyMethod(method, params, headInput(model, inputs, context), options, context, sizes.classes);
}

/** Computes what the head of the model reads. */
export function headInput(
  { params, modelEncoders }: Classifier,
  inputs: Record<string, tf.Tensor>,
  context: ForwardContext,
): FusionInput {
  const input = { ...inputs };
  for (const modality of MODALITIES) {
    if (modality in inputs) continue;
    const { states, mask } = encoded(modelEncoders[modality]!, modality, inputs, context);
    Object.assign(input, { [modality]: states, [`${modality}Mask`]: mask });
  }
  return withMixed(withEarlier(params, input)) as unknown as FusionInput;
}

/** Computes hidden states with the model's encoder and masks out utterances that lack the modality. */
function encoded(
  { apply, params }: ModelEncoder,
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

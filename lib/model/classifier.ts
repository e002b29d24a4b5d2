/** A model as a value: a fusion head with its parameters, and all that is needed to feed it. */
import type * as tf from "@tensorflow/tfjs-core";
import { capture, dropoutKeys, type Feed, type Params } from "../compute/mod.ts";
import {
  batchLengths,
  type BatchSizes,
  batchSizes,
  type Buffers,
  type Example,
  fitStandardizer,
  padBatch,
  type PaddedBatch,
  standardize,
  type Standardizer,
} from "../data/mod.ts";
import type { Modality, Sequence } from "../encoders/encoder.ts";
import type { ForwardContext, FusionInput, FusionMethod, FusionOutput, FusionSizes } from "../fusion/mod.ts";

/** The encoder whose states a model was trained on. */
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
  /** Scaling of hidden states, fitted on train; absent where states are taken as they are. */
  standardizers: Partial<Record<Modality, Standardizer>>;
  /** States kept per utterance. */
  maxLength: Readonly<Record<Modality, number>>;
  params: Params;
}

/** What a new model is made from. */
export interface Blueprint {
  method: FusionMethod;
  options: Record<string, unknown>;
  labels: readonly string[];
  encoders: Classifier["encoders"];
  maxLength: Classifier["maxLength"];
  /** Examples whose hidden states set the scale; absent where states are taken as they are. */
  scaleBy?: readonly Example[];
  seed: number;
}

/** A model with fresh parameters. */
export function newClassifier({ scaleBy, seed, ...rest }: Blueprint): Classifier {
  const { method, options, labels, encoders } = rest;
  const sizes = {
    text: encoders.text?.width ?? 1,
    audio: encoders.audio?.width ?? 1,
    classes: labels.length,
  };
  const standardizers: Classifier["standardizers"] = {};
  for (const modality of ["text", "audio"] as const) {
    if (!scaleBy || !encoders[modality]) continue;
    standardizers[modality] = fitStandardizer(new Set(scaleBy.flatMap((example) => example[modality] ?? [])));
  }
  return { ...rest, sizes, standardizers, params: method.init(options, sizes, seed) };
}

/** Scales the hidden states of examples as the model wants them; each distinct sequence once. */
export function scaleExamples(model: Classifier, examples: readonly Example[]): Example[] {
  const done = new Map<Sequence, Sequence>();
  const scale = (modality: Modality, sequence?: Sequence) => {
    const by = model.standardizers[modality];
    if (!sequence || !by) return sequence;
    if (!done.has(sequence)) done.set(sequence, standardize(sequence, by));
    return done.get(sequence);
  };
  return examples.map((e) => ({ ...e, text: scale("text", e.text), audio: scale("audio", e.audio) }));
}

/** What batches of these examples are padded to: the model's widths, lengths up to its bounds. */
export const sizesFor = (model: Classifier, examples: readonly Example[]): BatchSizes =>
  batchSizes(examples, {
    widths: { text: model.encoders.text?.width, audio: model.encoders.audio?.width },
    maxLength: model.maxLength,
  });

/** A padded batch as the inputs of a step, named as `FusionInput` is. */
export function feedOf({ size, text, audio }: PaddedBatch): Feed {
  return {
    text: { data: text.data, shape: [size, text.length, text.width] },
    textMask: { data: text.mask, shape: [size, text.length] },
    audio: { data: audio.data, shape: [size, audio.length, audio.width] },
    audioMask: { data: audio.mask, shape: [size, audio.length] },
  };
}

/** The head on the inputs of `feedOf`. */
export const forward = (
  { method, params, options }: Classifier,
  inputs: Record<string, tf.Tensor>,
  context: ForwardContext,
): FusionOutput => method.apply(params, inputs as unknown as FusionInput, options, context);

const INFERENCE: ForwardContext = { training: false, dropout: dropoutKeys(0, 0) };

export interface PredictOptions {
  batchSize?: number;
  signal?: AbortSignal;
}

/** A model's answers, whatever its parameters are by then. */
export interface Predictor extends Disposable {
  /** Logits of scaled examples `[N][C]`, in their order whatever the batches. */
  logits(examples: readonly Example[], options?: PredictOptions): Promise<Float32Array[]>;
}

/** Predicts with a model as it is at each call; for many calls, since what it runs is kept. */
export function predictor(model: Classifier): Predictor {
  const buffers: Buffers = new Map();
  const captured = capture((inputs) => ({ logits: forward(model, inputs, INFERENCE).logits }), model.params);
  return {
    async logits(examples, { batchSize = 64, signal } = {}) {
      const sizes = sizesFor(model, examples), lengths = batchLengths(examples, sizes);
      const order = Int32Array.from(examples, (_, row) => row).sort((a, b) => lengths[a] - lengths[b]);
      const logits = new Array<Float32Array>(examples.length), { classes } = model.sizes;
      for (let start = 0; start < order.length; start += batchSize) {
        signal?.throwIfAborted();
        const rows = order.subarray(start, start + batchSize);
        const outputs = await captured.run(feedOf(padBatch(examples, rows, sizes, buffers)), INFERENCE);
        rows.forEach((row, i) => logits[row] = outputs.logits.slice(i * classes, (i + 1) * classes));
      }
      return logits;
    },
    [Symbol.dispose]: captured.dispose,
  };
}

/** As `Predictor.logits`, once. */
export async function predictLogits(
  model: Classifier,
  examples: readonly Example[],
  options: PredictOptions = {},
): Promise<Float32Array[]> {
  using once = predictor(model);
  return await once.logits(examples, options);
}

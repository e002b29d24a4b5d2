/** A head with its options, and its outputs, loss and gradients. */
import * as tf from "@tensorflow/tfjs-core";
import { applyMethod, type FusionInput, type FusionMethod, type FusionOutput } from "../fusion/mod.ts";
import { disposeParams, dropoutKeys, type ForwardContext, type Params } from "../nn/mod.ts";

/** A fusion method with its resolved options. */
export interface Head {
  method: FusionMethod;
  options: Record<string, unknown>;
}

export const head = (method: FusionMethod, options: Record<string, unknown> = {}): Head => ({
  method,
  options: method.options.parse(options),
});

export const evaluation: ForwardContext = { training: false, dropout: dropoutKeys(0, 0) };

export const training = (seed: number): ForwardContext => ({ training: true, dropout: dropoutKeys(seed, 0) });

export const forward = (
  { method, options }: Head,
  params: Params,
  input: FusionInput,
  context = evaluation,
): FusionOutput => tf.tidy(() => applyMethod(method, params, input, options, context));

/** Returns the mean cross-entropy of logits `[B,C]` for these classes. */
export function crossEntropy(logits: tf.Tensor2D, labels: readonly number[]): tf.Scalar {
  const target = tf.oneHot(tf.tensor1d([...labels], "int32"), logits.shape[1]);
  return tf.neg(tf.mean(tf.sum(tf.mul(target, tf.logSoftmax(logits)), 1)));
}

export type Gradients = {
  loss: tf.Scalar;
  params: Record<string, tf.Tensor>;
  text?: tf.Tensor;
  audio?: tf.Tensor;
};

/**
 * Returns the loss and its gradients for every parameter and both inputs. The loss is the mean cross-entropy
 * of the labels, unless `lossOf` replaces it.
 */
export function gradients(
  { method, options }: Head,
  params: Params,
  input: FusionInput,
  labels: readonly number[],
  context = evaluation,
  lossOf: (logits: tf.Tensor2D) => tf.Scalar = (logits) => crossEntropy(logits, labels),
): Gradients {
  const text = tf.variable(input.text), audio = tf.variable(input.audio);
  try {
    const { value, grads } = tf.variableGrads(
      () => lossOf(applyMethod(method, params, { ...input, text, audio }, options, context).logits),
      [...Object.values(params), text, audio],
    );
    const result: Gradients = {
      loss: value,
      params: {},
      text: grads[text.name],
      audio: grads[audio.name],
    };
    for (const name in params) {
      if (params[name].name in grads) result.params[name] = grads[params[name].name];
    }
    return result;
  } finally {
    tf.dispose([text, audio]);
  }
}

/** Returns the loss and all gradients by name. */
export const named = ({ loss, params, text, audio }: Gradients): Record<string, tf.Tensor> => ({
  loss,
  ...params,
  ...(text && { "the text states": text }),
  ...(audio && { "the speech states": audio }),
});

/** Calls `work` with fresh parameters, then disposes them. */
export async function withParams<T>(
  { method, options }: Head,
  sizes: Parameters<FusionMethod["init"]>[1],
  work: (params: Params) => Promise<T>,
  seed = 1,
): Promise<T> {
  const params = method.init(options, sizes, seed);
  try {
    return await work(params);
  } finally {
    disposeParams(params);
  }
}

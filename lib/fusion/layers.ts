/**
 * Layers of the heads, each as parameters by name and what they compute, with PyTorch's names, layouts and initial
 * distributions. Every parameter draws from a stream of its own, `seedOf(seed, name)`, so that order changes nothing.
 */
import * as tf from "@tensorflow/tfjs-core";
import { attend, dropout, linearLayer, maskedSoftmax, type Params } from "../compute/mod.ts";
import { random, seedOf } from "../random.ts";
import type { ForwardContext, FusionInput } from "./fusion.ts";

export { linearLayer, normLayer } from "../compute/mod.ts";

/** Whether shapes alone are asked for. */
let unmade = false;

const variable = (values: () => Float32Array, shape: number[]): tf.Variable =>
  unmade ? { shape } as tf.Variable : tf.tidy(() => tf.variable(tf.tensor(values(), shape)));

/** Shapes of what `init` makes of the layers below, without a number of it: sizes may be anybody's claim. */
export function shapesOf(init: () => Params): Record<string, { shape: number[] }> {
  unmade = true;
  try {
    const made = init();
    for (const each of Object.values(made)) if (each instanceof tf.Variable) each.dispose(); // of layers elsewhere
    return Object.fromEntries(Object.entries(made).map(([name, { shape }]) => [name, { shape }]));
  } finally {
    unmade = false;
  }
}

const size = (shape: number[]) => shape.reduce((a, b) => a * b, 1);

/** Values drawn from [-bound, bound). */
export function uniformInit(seed: number, name: string, shape: number[], bound: number): tf.Variable {
  const { uniform } = random(seedOf(seed, name));
  return variable(() => Float32Array.from({ length: size(shape) }, () => (2 * uniform() - 1) * bound), shape);
}

/** Normal values of this standard deviation. */
export function normalInit(seed: number, name: string, shape: number[], deviation: number): tf.Variable {
  const { normal } = random(seedOf(seed, name));
  return variable(() => Float32Array.from({ length: size(shape) }, () => normal() * deviation), shape);
}

export const constantInit = (shape: number[], value: number): tf.Variable =>
  variable(() => new Float32Array(size(shape)).fill(value), shape);

/** `weight [out,in]` and, where wanted, `bias [out]`, as `nn.Linear`: both uniform within 1/√in (Kaiming, a = √5). */
export function linearInit(seed: number, name: string, inputs: number, outputs: number, bias = true): Params {
  const bound = 1 / Math.sqrt(inputs);
  const params: Params = {
    [`${name}.weight`]: uniformInit(seed, `${name}.weight`, [outputs, inputs], bound),
  };
  if (bias) params[`${name}.bias`] = uniformInit(seed, `${name}.bias`, [outputs], bound);
  return params;
}

/** `weight [D]` 1 and `bias [D]` 0, as `nn.LayerNorm`. */
export const normInit = (name: string, width: number): Params => ({
  [`${name}.weight`]: constantInit([width], 1),
  [`${name}.bias`]: constantInit([width], 0),
});

/**
 * Parameters of `nn.MultiheadAttention`: Xavier-uniform q, k, v as one packed `[3D,D]` matrix, output uniform within
 * 1/√D, biases 0.
 */
export function attentionInit(seed: number, name: string, width: number): Params {
  const params: Params = {};
  for (const part of ["q_proj", "k_proj", "v_proj", "out_proj"]) {
    const bound = part === "out_proj" ? 1 / Math.sqrt(width) : Math.sqrt(6 / (4 * width));
    const weight = `${name}.${part}.weight`;
    params[weight] = uniformInit(seed, weight, [width, width], bound);
    params[`${name}.${part}.bias`] = constantInit([width], 0);
  }
  return params;
}

/** Who attends to whom: `queries [B,Lq,D]` to `keys [B,Lk,D]`, each with its mask. */
export interface Sides {
  queries: tf.Tensor3D;
  queryMask: tf.Tensor2D;
  keys: tf.Tensor3D;
  keyMask: tf.Tensor2D;
}

/**
 * Multi-head attention (see `attend`) by the projections `name`, values from the keys too: the `context [B,Lq,D]`, still
 * without the output projection `<name>.out_proj`, and the `map [B,heads,Lq,Lk]`. Rows of padded queries are 0 in the map;
 * their context means nothing. A query without a single key gets a map and context of 0.
 */
export function crossAttention(
  params: Params,
  name: string,
  { queries, queryMask, keys, keyMask }: Sides,
  heads: number,
): { context: tf.Tensor3D; map: tf.Tensor4D } {
  const { context, map } = attend({
    queries: linearLayer(params, `${name}.q_proj`, queries),
    keys: linearLayer(params, `${name}.k_proj`, keys),
    values: linearLayer(params, `${name}.v_proj`, keys),
    mask: ofKeys(keyMask),
    heads,
  });
  return { context, map: withoutPadding(map, queryMask) };
}

/** A mask of keys `[B,Lk]` as one that all heads and queries share. */
export const ofKeys = (mask: tf.Tensor2D): tf.Tensor4D =>
  tf.reshape(mask, [mask.shape[0], 1, 1, mask.shape[1]]);

/** An attention map with its rows of padded queries 0. */
export const withoutPadding = (map: tf.Tensor4D, queryMask: tf.Tensor2D): tf.Tensor4D =>
  tf.mul(map, tf.reshape(queryMask, [queryMask.shape[0], 1, queryMask.shape[1], 1]));

/**
 * Attention pooling (weighted pooling of Mirsamadi et al. 2017 without its recurrence): weights α = softmax(w·h + b) over
 * the real positions, `[B,L]`, and the vector Σ α h, `[B,D]`; both 0 where there is no position.
 */
export function attentionPooling(
  params: Params,
  name: string,
  states: tf.Tensor3D,
  mask: tf.Tensor2D,
): { pooled: tf.Tensor2D; weights: tf.Tensor2D } {
  const scores: tf.Tensor2D = tf.reshape(linearLayer(params, `${name}.score`, states), mask.shape);
  const weights = maskedSoftmax(scores, mask);
  return { pooled: weightedSum(weights, states), weights };
}

/** Σ w h over the positions: weights `[B,L]` and states `[B,L,D]` to `[B,D]`. */
export const weightedSum = (weights: tf.Tensor2D, states: tf.Tensor3D): tf.Tensor2D =>
  tf.squeeze(tf.matMul(tf.expandDims(weights, 1), states), [1]);

/** 1 where a row has the modality, else 0: `[B,L]` to `[B,1]`. */
export const presence = (mask: tf.Tensor2D): tf.Tensor2D => tf.max(mask, 1, true);

/**
 * States `[B,L,D]` with whole dimensions of an utterance dropped, in training (one mask for all its positions, after
 * Gal & Ghahramani 2016): a pooled vector would average single drops away.
 */
export const dropDimensions = (states: tf.Tensor3D, rate: number, context: ForwardContext): tf.Tensor3D =>
  dropout(states, rate, context, [states.shape[0], 1, states.shape[2]]);

/** `dropDimensions` of both modalities. */
export const dropStates = (
  { text, audio }: FusionInput,
  rate: number,
  context: ForwardContext,
): { text: tf.Tensor3D; audio: tf.Tensor3D } => ({
  text: dropDimensions(text, rate, context),
  audio: dropDimensions(audio, rate, context),
});

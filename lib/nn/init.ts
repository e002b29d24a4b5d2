/**
 * Initial parameters of layers by name, with PyTorch's names, layouts and distributions. Every parameter draws from a stream
 * of its own, `seedOf(seed, name)`, so that order changes nothing.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Variable } from "../compute/mod.ts";
import { random, seedOf } from "../random.ts";
import type { Params } from "./params.ts";

/** Whether shapes alone are asked for. */
let unmade = false;

const variable = (values: () => Float32Array, shape: number[]): Variable =>
  unmade ? { shape } as Variable : tf.tidy(() => tf.variable(tf.tensor(values(), shape)));

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

/**
 * Values drawn from [-bound, bound).
 *
 * @example
 * ```ts
 * import { uniformInit } from "@undertone/undertone/nn";
 *
 * const params = { scale: uniformInit(1, "scale", [8], 0.1) };
 * ```
 */
export function uniformInit(seed: number, name: string, shape: number[], bound: number): Variable {
  const { uniform } = random(seedOf(seed, name));
  return variable(() => Float32Array.from({ length: size(shape) }, () => (2 * uniform() - 1) * bound), shape);
}

/**
 * Normal values of mean 0 and this standard deviation.
 *
 * @example
 * ```ts
 * import { normalInit } from "@undertone/undertone/nn";
 *
 * const params = { factor: normalInit(1, "factor", [4, 8, 3], 0.02) };
 * ```
 */
export function normalInit(seed: number, name: string, shape: number[], deviation: number): Variable {
  const { normal } = random(seedOf(seed, name));
  return variable(() => Float32Array.from({ length: size(shape) }, () => normal() * deviation), shape);
}

/**
 * The same value everywhere.
 *
 * @example
 * ```ts
 * import { constantInit } from "@undertone/undertone/nn";
 *
 * const params = { bias: constantInit([3], 0) };
 * ```
 */
export const constantInit = (shape: number[], value: number): Variable =>
  variable(() => new Float32Array(size(shape)).fill(value), shape);

/**
 * `weight [out,in]` and, where wanted, `bias [out]`, as `nn.Linear`: both uniform within 1/√in (Kaiming, a = √5).
 *
 * @example
 * ```ts
 * import { linearInit } from "@undertone/undertone/nn";
 *
 * const params = linearInit(1, "classifier", 8, 3); // classifier.weight [3,8], classifier.bias [3]
 * ```
 */
export function linearInit(seed: number, name: string, inputs: number, outputs: number, bias = true): Params {
  const bound = 1 / Math.sqrt(inputs);
  const params: Params = {
    [`${name}.weight`]: uniformInit(seed, `${name}.weight`, [outputs, inputs], bound),
  };
  if (bias) params[`${name}.bias`] = uniformInit(seed, `${name}.bias`, [outputs], bound);
  return params;
}

/**
 * `weight [D]` 1 and `bias [D]` 0, as `nn.LayerNorm`.
 *
 * @example
 * ```ts
 * import { normInit } from "@undertone/undertone/nn";
 *
 * const params = normInit("norm", 8); // norm.weight [8], norm.bias [8]
 * ```
 */
export const normInit = (name: string, width: number): Params => ({
  [`${name}.weight`]: constantInit([width], 1),
  [`${name}.bias`]: constantInit([width], 0),
});

/**
 * Parameters of `nn.MultiheadAttention`: Xavier-uniform q, k, v as one packed `[3D,D]` matrix, output uniform within
 * 1/√D, biases 0.
 *
 * @example
 * ```ts
 * import { attentionInit } from "@undertone/undertone/nn";
 *
 * const params = attentionInit(1, "attention", 8); // attention.q_proj.weight [8,8], attention.q_proj.bias [8], …
 * ```
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

/**
 * Initial parameters of layers, with PyTorch's names, layouts and distributions. Each parameter draws from
 * its own stream, `seedOf(seed, name)`, so the order of creation does not matter.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Variable } from "../compute/mod.ts";
import { random, seedOf } from "../random.ts";
import type { Params } from "./params.ts";

/** Whether only shapes are wanted, without values. */
let unmade = false;

const variable = (values: () => Float32Array, shape: number[]): Variable =>
  unmade ? { shape } as Variable : tf.tidy(() => tf.variable(tf.tensor(values(), shape)));

/**
 * Returns the shapes of the parameters that `init` creates with the layers below, without allocating them:
 * sizes from untrusted files may be huge.
 */
export function shapesOf(init: () => Params): Record<string, { shape: number[] }> {
  unmade = true;
  try {
    const made = init();
    // Layers defined elsewhere still create variables.
    for (const each of Object.values(made)) if (each instanceof tf.Variable) each.dispose();
    return Object.fromEntries(Object.entries(made).map(([name, { shape }]) => [name, { shape }]));
  } finally {
    unmade = false;
  }
}

const size = (shape: number[]) => shape.reduce((a, b) => a * b, 1);

/**
 * Returns values drawn uniformly from [-bound, bound).
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
 * Returns normal values with mean 0 and this standard deviation.
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
 * Returns a parameter filled with one value.
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
 * Returns `weight [out,in]` and, unless `bias` is false, `bias [out]`, as `nn.Linear`: both uniform within
 * 1/√in (Kaiming, a = √5).
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
 * Returns `weight [D]` of 1 and `bias [D]` of 0, as `nn.LayerNorm`.
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
 * Returns the parameters of `nn.MultiheadAttention`: q, k and v Xavier-uniform as if packed in one `[3D,D]`
 * matrix, the output projection uniform within 1/√D, biases 0.
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

/** PyTorch's layers, computed from parameters by name. */
import * as tf from "@tensorflow/tfjs-core";
import { layerNorm, linear, type Tensor, type Variable } from "../compute/mod.ts";
import type { ForwardContext } from "./context.ts";
import { badInput, nearest } from "../errors.ts";
import { dropout } from "./dropout.ts";
import type { Params } from "./params.ts";

/** Returns the parameter `name`. Throws UndertoneError with the names that there are if it is missing. */
function param<R extends tf.Rank>(params: Params, name: string): Variable<R> {
  if (name in params) return params[name] as Variable<R>;
  const known = Object.keys(params), meant = nearest(name, known);
  throw badInput({
    expected: "a parameter that init returned",
    found: `'${name}'`,
    at: "the layers of the model",
    todo: meant
      ? `Did you mean '${meant}'?`
      : `Return it from init. There are: ${known.join(", ") || "none"}.`,
  });
}

/** Throws UndertoneError unless the last axis of `x` has the width that the parameter `name` takes. */
function requireWidth(x: Tensor, width: number, name: string): void {
  if (x.shape.at(-1) === width) return;
  throw badInput({
    expected: `states of width ${width}`,
    found: `width ${x.shape.at(-1)}`,
    at: `the layer '${name}'`,
    todo: "Change the width in init, or what goes into the layer.",
  });
}

/**
 * Applies the linear layer `name`, `[...,in]` to `[...,out]`; the bias is optional. If the context has `lora`
 * and the layer has LoRA matrices `A [r,in]` and `B [out,r]`, adds their change (Hu et al. 2021): W x + b +
 * scale B A dropout(x). Throws UndertoneError if the layer is missing or takes another width.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { linearInit, linearLayer, useEngine } from "@undertone/undertone/nn";
 *
 * await useEngine();
 * const params = linearInit(1, "classifier", 8, 3);
 * linearLayer(params, "classifier", tf.ones([2, 8])).print(); // [2,3]
 * ```
 */
export function linearLayer<T extends Tensor>(
  params: Params,
  name: string,
  x: T,
  context?: ForwardContext,
): T {
  const weight = (end: string) => params[`${name}.${end}.weight`] as Variable<tf.Rank.R2> | undefined;
  const whole = param<tf.Rank.R2>(params, `${name}.weight`);
  requireWidth(x, whole.shape[1], name);
  const y = linear(x, whole, params[`${name}.bias`] as Variable<tf.Rank.R1> | undefined) as T;
  const down = weight("lora_A"), up = weight("lora_B");
  if (!context?.lora || !down || !up) return y;
  const change = linear(linear(dropout(x, context.lora.dropout, context), down), up);
  return tf.add(y, tf.mul(change, context.lora.scale));
}

/**
 * Applies the layer norm `name` over the last axis. Throws UndertoneError if the layer is missing or takes
 * another width.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { normInit, normLayer, useEngine } from "@undertone/undertone/nn";
 *
 * await useEngine();
 * normLayer(normInit("norm", 3), "norm", tf.tensor2d([[1, 2, 3]])).print(); // mean 0, variance 1
 * ```
 */
export function normLayer<T extends Tensor>(params: Params, name: string, x: T, epsilon?: number): T {
  const [gamma, beta] = ["weight", "bias"].map((end) => param<tf.Rank.R1>(params, `${name}.${end}`));
  requireWidth(x, gamma.shape[0], name);
  return layerNorm(x, gamma, beta, epsilon);
}

/** Gradients of a step as plain numbers, summed over its batches. */
import * as tf from "@tensorflow/tfjs-core";
import { hostValues, type Params } from "../compute/mod.ts";
import type { Loss } from "./losses.ts";

/** Sums over the rows of a step; divide by `weight` for means. Valid until disposed. */
export interface StepGradients extends Disposable {
  /** By parameter name; parameters that took no part are absent. */
  gradients: Map<string, Float32Array>;
  loss: number;
  weight: number;
}

/**
 * Gradients of the losses' sum. One batch after the other, so that only one forward pass is in memory; a single batch's
 * gradients are read where the engine has them, without a copy.
 */
export async function gradientsOf(params: Params, losses: readonly (() => Loss)[]): Promise<StepGradients> {
  const gradients = new Map<string, Float32Array>();
  const variables = Object.values(params), kept: tf.NamedTensorMap[] = [];
  let loss = 0, weight = 0;
  for (const lossOf of losses) {
    const { value, grads } = tf.variableGrads(() => {
      const batch = lossOf();
      weight += batch.weight;
      return batch.sum;
    }, variables);
    loss += (await hostValues(value))[0];
    value.dispose();
    for (const name in params) {
      const tensor = grads[params[name].name];
      if (!tensor) continue;
      const values = await hostValues(tensor), sum = gradients.get(name);
      if (sum) addTo(sum, values);
      // Tensors may share their storage, so that sums want one of their own.
      else gradients.set(name, losses.length > 1 ? values.slice() : values);
    }
    if (losses.length > 1) tf.dispose(grads);
    else kept.push(grads);
  }
  return { gradients, loss, weight, [Symbol.dispose]: () => tf.dispose(kept) };
}

function addTo(sum: Float32Array, values: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] += values[i];
}

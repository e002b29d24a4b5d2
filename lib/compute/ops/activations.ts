import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "../tensors.ts";

/**
 * Returns `x` where it is positive and `slope x` elsewhere. The default slope is PyTorch's.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { leakyRelu, useEngine } from "@undertone/undertone/nn";
 *
 * await useEngine();
 * leakyRelu(tf.tensor1d([-2, 3])).print(); // -0.02, 3
 * ```
 */
export function leakyRelu<T extends Tensor>(x: T, slope = 0.01): T {
  return tf.leakyRelu(x, slope);
}

import * as tf from "@tensorflow/tfjs-core";

/** `x` where positive, `slope x` elsewhere; the default slope is PyTorch's. */
export function leakyRelu<T extends tf.Tensor>(x: T, slope = 0.01): T {
  return tf.leakyRelu(x, slope);
}

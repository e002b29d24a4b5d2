import * as tf from "@tensorflow/tfjs-core";

/** GELU with the exact error function, `x Φ(x)` (Hendrycks and Gimpel 2016). */
export function gelu<T extends tf.Tensor>(x: T): T {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)) as T;
}

/** `x` where positive, `slope x` elsewhere; the default slope is PyTorch's. */
export function leakyRelu<T extends tf.Tensor>(x: T, slope = 0.01): T {
  return tf.leakyRelu(x, slope);
}

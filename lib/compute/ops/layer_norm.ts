import * as tf from "@tensorflow/tfjs-core";

/** Layer norm over the last axis with the biased variance (Ba et al. 2016); gamma and beta `[D]`. */
export function layerNorm<T extends tf.Tensor>(
  x: T,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon = 1e-5,
): T {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
  return tf.add(tf.mul(tf.div(centred, deviation), gamma), beta) as T;
}

import * as tf from "@tensorflow/tfjs-core";

/** `x Wᵀ + b` over the last axis: `[..., in]` to `[..., out]`; weight `[out, in]` and bias `[out]` as in PyTorch. */
export function linear(x: tf.Tensor, weight: tf.Tensor2D, bias?: tf.Tensor1D): tf.Tensor {
  const [outputs, inputs] = weight.shape;
  const rows = tf.reshape(x, [-1, inputs]) as tf.Tensor2D;
  const product = tf.matMul(rows, weight, false, true);
  return tf.reshape(bias ? tf.add(product, bias) : product, [...x.shape.slice(0, -1), outputs]);
}

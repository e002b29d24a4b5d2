import * as tf from "@tensorflow/tfjs-core";

/** Attributes of a kernel call, as defined by the op that made it. */
// deno-lint-ignore no-explicit-any
export type Attributes = Record<string, any>;

/**
 * Returns a gradient function per input, given the output's gradient, the saved tensors and the attributes.
 * Only the needed ones are called.
 */
export type Gradient = (
  dy: tf.Tensor,
  saved: tf.Tensor[],
  attributes: Attributes,
) => Record<string, () => tf.Tensor>;

/** Tensors that a gradient needs from the forward call: inputs by name, outputs by position. */
export interface Saved {
  inputs?: string[] | "all";
  outputs?: boolean[];
}

/** Registers the gradient of a kernel, for every engine. TensorFlow.js core alone has none. */
export function gradient(kernelName: string, { inputs = [], outputs }: Saved, gradFunc: Gradient): void {
  tf.registerGradient({
    kernelName,
    ...(inputs === "all" ? { saveAllInputs: true } : { inputsToSave: inputs }),
    outputsToSave: outputs,
    gradFunc: gradFunc as tf.GradFunc,
  });
}

/** Reverses broadcasting: sums a gradient of the output's shape to the input's shape. */
export function unbroadcast(dy: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, dy.shape);
  return tf.reshape(axes.length ? tf.sum(dy, axes) : dy, shape);
}

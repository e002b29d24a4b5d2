import * as tf from "@tensorflow/tfjs-core";

/** Attributes of a kernel call, as the op that made it defined them. */
// deno-lint-ignore no-explicit-any
export type Attributes = Record<string, any>;

/** Derivatives by input name from the output's, from what was saved and from the attributes; only needed ones are called. */
export type Gradient = (
  dy: tf.Tensor,
  saved: tf.Tensor[],
  attributes: Attributes,
) => Record<string, () => tf.Tensor>;

/** What a gradient wants kept of its forward call: inputs by name, outputs by position. */
export interface Saved {
  inputs?: string[] | "all";
  outputs?: boolean[];
}

/** Makes a kernel differentiable. The bare TensorFlow.js core has no gradients; these are every engine's. */
export function gradient(kernelName: string, { inputs = [], outputs }: Saved, gradFunc: Gradient): void {
  tf.registerGradient({
    kernelName,
    ...(inputs === "all" ? { saveAllInputs: true } : { inputsToSave: inputs }),
    outputsToSave: outputs,
    gradFunc: gradFunc as tf.GradFunc,
  });
}

/** Sums what broadcasting repeated: a gradient of the output's shape becomes one of the input's. */
export function unbroadcast(dy: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, dy.shape);
  return tf.reshape(axes.length ? tf.sum(dy, axes) : dy, shape);
}

/**
 * Our own kernels. An engine may implement them directly for speed; other engines compose them from
 * TensorFlow.js ops. Each kernel has one gradient, whichever way it is computed.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Attributes } from "../gradients/gradient.ts";

type Inputs = Record<string, tf.Tensor>;
type Compose = (inputs: Inputs, attributes: Attributes) => tf.Tensor | tf.Tensor[];

/** Engines that compose all of these kernels. */
const COMPOSING = ["cpu", "tensorflow"];

const compositions = new Map<string, Compose>();

/** Declares a kernel by its composition from other ops. */
export function composed(kernelName: string, compose: Compose): void {
  compositions.set(kernelName, compose);
  for (const backendName of COMPOSING) {
    const kernelFunc = ({ inputs, attrs }: { inputs: unknown; attrs: unknown }) =>
      tf.tidy(() => compose(inputs as Inputs, attrs as Attributes));
    tf.registerKernel({ kernelName, backendName, kernelFunc: kernelFunc as unknown as tf.KernelFunc });
  }
}

/** Returns the composition of a kernel, for inputs that an engine's own implementation does not support. */
export const compositionOf = (kernelName: string): Compose | undefined => compositions.get(kernelName);

/** Runs a kernel. Inputs that are undefined are omitted. */
export function runKernel<T extends tf.Tensor | tf.Tensor[]>(
  kernelName: string,
  inputs: Record<string, tf.Tensor | undefined>,
  attributes: Attributes = {},
): T {
  const given: Inputs = {};
  for (const name in inputs) if (inputs[name]) given[name] = inputs[name];
  return tf.engine().runKernel(kernelName, given, attributes) as T;
}

/**
 * Ops of ours that are kernels: an engine may have a faster way of its own, the others compose them from what
 * TensorFlow.js has. Either way each has one gradient.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Attributes } from "../gradients/gradient.ts";

type Inputs = Record<string, tf.Tensor>;
type Compose = (inputs: Inputs, attributes: Attributes) => tf.Tensor | tf.Tensor[];

/** Engines that compose every one of these ops. */
const COMPOSING = ["cpu", "tensorflow"];

const compositions = new Map<string, Compose>();

/** Declares a kernel by its composition. */
export function composed(kernelName: string, compose: Compose): void {
  compositions.set(kernelName, compose);
  for (const backendName of COMPOSING) {
    const kernelFunc = ({ inputs, attrs }: { inputs: unknown; attrs: unknown }) =>
      tf.tidy(() => compose(inputs as Inputs, attrs as Attributes));
    tf.registerKernel({ kernelName, backendName, kernelFunc: kernelFunc as unknown as tf.KernelFunc });
  }
}

/** How to do a kernel in plain ops, for inputs that an engine's own kernel does not take. */
export const compositionOf = (kernelName: string): Compose | undefined => compositions.get(kernelName);

/** Runs a kernel; inputs that are undefined are left out. */
export function runKernel<T extends tf.Tensor | tf.Tensor[]>(
  kernelName: string,
  inputs: Record<string, tf.Tensor | undefined>,
  attributes: Attributes = {},
): T {
  const given: Inputs = {};
  for (const name in inputs) if (inputs[name]) given[name] = inputs[name];
  return tf.engine().runKernel(kernelName, given, attributes) as T;
}

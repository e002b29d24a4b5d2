/** The inputs of a step, as plain numbers by name. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Variable } from "./tensors.ts";

/** Plain numbers with the shape of a tensor; integers become int32. */
export interface HostTensor {
  /** Numbers, row-major. */
  data: Float32Array | Int32Array;
  /** Length of each axis. */
  shape: readonly number[];
}

/** Inputs of a step, by name. */
export type Feed = Record<string, HostTensor>;

/** Variables that a step reads, by name. */
export type Variables = Record<string, Variable>;

export const dtypeOf = ({ data }: HostTensor): "float32" | "int32" =>
  data instanceof Int32Array ? "int32" : "float32";

/** Returns a tensor of these numbers. The caller disposes it (or runs inside `tf.tidy`). */
export const toTensor = (given: HostTensor): Tensor =>
  tf.tensor(given.data, [...given.shape], dtypeOf(given));

/** Returns tensors of all inputs of a feed, by name. */
export const toTensors = (feed: Feed): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(feed).map(([name, given]) => [name, toTensor(given)]));

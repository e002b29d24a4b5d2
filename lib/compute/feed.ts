/** What a step is called with: plain numbers by name. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Variable } from "./tensors.ts";

/** Numbers in the shape of a tensor; int32 where they are integers. */
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

/** A tensor of these numbers; the caller disposes it (or runs inside `tf.tidy`). */
export const toTensor = (given: HostTensor): Tensor =>
  tf.tensor(given.data, [...given.shape], dtypeOf(given));

/** Tensors of all of a feed's numbers, by its names. */
export const toTensors = (feed: Feed): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(feed).map(([name, given]) => [name, toTensor(given)]));

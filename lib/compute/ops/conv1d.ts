import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D, Tensor3D, Tensor4D } from "../tensors.ts";
import { type Attributes, gradient } from "../gradients/gradient.ts";
import { composed, runKernel } from "./composed.ts";

/** Settings of a convolution; the defaults are PyTorch's. */
export interface Convolution {
  /** Distance between neighbouring output positions. */
  stride?: number;
  /** Zeros added at each end. */
  padding?: number;
  /** Number of channel groups; each group is convolved on its own. */
  groups?: number;
}

/**
 * Convolution along the last axis, as PyTorch defines it: `x [B,C,L]`, weight `[O,C/groups,K]` and bias `[O]`
 * give `[B,O,T]` with T = ⌊(L + 2 padding - K) / stride⌋ + 1.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { conv1d, useEngine } from "@undertone/undertone/nn";
 *
 * await useEngine();
 * const x = tf.ones<tf.Rank.R3>([1, 2, 9]), weight = tf.ones<tf.Rank.R3>([4, 2, 3]);
 * conv1d(x, weight, tf.zeros([4]), { stride: 2 }).print(); // [1,4,4], 6 everywhere
 * ```
 */
export function conv1d(
  x: Tensor3D,
  weight: Tensor3D,
  bias?: Tensor1D,
  { stride = 1, padding = 0, groups = 1 }: Convolution = {},
): Tensor3D {
  return runKernel("Conv1d", { x, weight, bias }, { stride, padding, groups });
}

/** Returns the number of output positions for a length that includes its padding. */
export const positionsOf = (length: number, kernel: number, stride: number): number =>
  Math.floor((length - kernel) / stride) + 1;

gradient("Conv1d", { inputs: ["x", "weight"] }, (dy, [x, weight], attributes) => ({
  x: () => runKernel<Tensor>("Conv1dInputGrad", { dy, weight }, { ...attributes, length: x.shape[2] }),
  weight: () => runKernel<Tensor>("Conv1dWeightGrad", { dy, x }, { ...attributes, kernel: weight.shape[2] }),
  bias: () => tf.sum(dy, [0, 2]),
}));

composed("Conv1d", ({ x, weight, bias }, attributes) => {
  const [batch] = x.shape, [outputs, , kernel] = weight.shape;
  const columns = columnsOf(x, kernel, attributes);
  const product = tf.matMul(matrices(weight, attributes), columns);
  const y = tf.reshape(product, [batch, outputs, columns.shape[3]]);
  return bias ? tf.add(y, tf.expandDims(bias, 1)) : y;
});

/** Gradient of the input: computes the gradient of every column, then sums where columns overlap. */
composed("Conv1dInputGrad", ({ dy, weight }, { length, ...attributes }) => {
  const { stride, padding, groups } = attributes;
  const [batch, outputs, count] = dy.shape, [, inputs, kernel] = weight.shape, channels = inputs * groups;
  const grouped = tf.reshape(dy, [batch, groups, outputs / groups, count]);
  const columns = tf.matMul(matrices(weight, attributes), grouped, true);
  const taps = tf.split(columns, kernel, 2).map((tap, k) => {
    const points = tf.reshape(tap, [batch, channels, count, 1]);
    const apart = tf.pad(points, [[0, 0], [0, 0], [0, 0], [0, stride - 1]]);
    const reach = stride * (count - 1) + 1, rest = length + 2 * padding - k - reach;
    const row = tf.slice(tf.reshape(apart, [batch, channels, stride * count]), [0, 0, 0], [-1, -1, reach]);
    return tf.pad(row, [[0, 0], [0, 0], [k, rest]]);
  });
  return tf.slice(tf.addN(taps), [0, 0, padding], [batch, channels, length]);
});

composed("Conv1dWeightGrad", ({ dy, x }, { kernel, ...attributes }) => {
  const [batch, outputs, count] = dy.shape, [, channels] = x.shape, { groups } = attributes;
  const grouped = tf.reshape(dy, [batch, groups, outputs / groups, count]);
  const product = tf.sum(tf.matMul(grouped, columnsOf(x, kernel, attributes), false, true), 0);
  return tf.transpose(tf.reshape(product, [outputs, kernel, channels / groups]), [0, 2, 1]);
});

/**
 * Returns the inputs under the kernel at each of its T positions, by group: `[B,groups,K C/groups,T]`
 * (im2col).
 */
function columnsOf(x: Tensor, kernel: number, { stride, padding, groups }: Attributes): Tensor4D {
  const padded = tf.pad(x, [[0, 0], [0, 0], [padding, padding]]);
  const [batch, channels, length] = padded.shape;
  const count = positionsOf(length, kernel, stride);
  const taps = Array.from({ length: kernel }, (_, k) => {
    const end = [batch, channels, k + stride * (count - 1) + 1];
    const tap = tf.stridedSlice(padded, [0, 0, k], end, [1, 1, stride]);
    return tf.reshape(tap, [batch, groups, channels / groups, count]) as Tensor4D;
  });
  return tf.concat(taps, 2);
}

/** Returns the weight as matrices that multiply the columns: `[1,groups,O/groups,K C/groups]`. */
function matrices(weight: Tensor, { groups }: Attributes): Tensor4D {
  const [outputs, inputs, kernel] = weight.shape;
  return tf.reshape(tf.transpose(weight, [0, 2, 1]), [1, groups, outputs / groups, kernel * inputs]);
}

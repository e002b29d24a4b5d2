import { positionsOf } from "../../ops/conv1d.ts";
import type { Graph } from "../graph.ts";
import { define, FLOAT, reshape, shaped } from "../kernel.ts";
import { type Attribute, int, int64s, ints, type Operand, type Value } from "../value.ts";

const add = (
  graph: Graph,
  op: string,
  inputs: readonly Operand[],
  shape: readonly number[],
  attributes?: readonly Attribute[],
): Value => graph.add(op, inputs, shape, "float32", attributes);

define("Conv1d", FLOAT, (graph, { x, weight, bias }, { stride, padding, groups }) => {
  const [batch, , length] = x.shape, [outputs, , kernel] = weight.shape;
  const factors = [x, weight, ...(bias ? [bias] : [])].map((input) => shaped(graph, input));
  const shape = [batch, outputs, positionsOf(length + 2 * padding, kernel, stride)];
  return add(graph, "Conv", factors, shape, [
    ints("kernel_shape", [kernel]),
    ints("strides", [stride]),
    ints("pads", [padding, padding]),
    int("group", groups),
  ]);
});

/**
 * With stride 1, a convolution of dy, reversed in time, by the weight with inputs and outputs swapped gives
 * the reversed gradient, in two thirds of the time of a transposed convolution. Other strides take that one,
 * over images of one row: ONNX Runtime is faster there than along a single axis.
 */
define("Conv1dInputGrad", FLOAT, (graph, { dy, weight }, { stride, padding, groups, length }) => {
  const [batch, outputs, count] = dy.shape, [, inputs, kernel] = weight.shape;
  const channels = inputs * groups, shape = [batch, channels, length];
  if (stride === 1 && padding < kernel) {
    const grouped = reshape(graph, weight.value, [groups, outputs / groups, inputs, kernel]);
    const swapped = add(graph, "Transpose", [grouped], [groups, inputs, outputs / groups, kernel], [
      ints("perm", [0, 2, 1, 3]),
    ]);
    const factor = reshape(graph, swapped, [channels, outputs / groups, kernel]);
    const slopes = reversed(graph, shaped(graph, dy), dy.shape), pad = kernel - 1 - padding;
    const attributes = [ints("pads", [pad, pad]), int("group", groups)];
    return reversed(graph, add(graph, "Conv", [slopes, factor], shape, attributes), shape);
  }
  const factors = [
    reshape(graph, dy.value, [batch, outputs, 1, count]),
    reshape(graph, weight.value, [outputs, inputs, 1, kernel]),
  ];
  const reached = stride * (count - 1) + kernel - 2 * padding;
  const image = add(graph, "ConvTranspose", factors, [batch, channels, 1, length], [
    ints("kernel_shape", [1, kernel]),
    ints("strides", [1, stride]),
    ints("pads", [0, padding, 0, padding]),
    ints("output_padding", [0, length - reached]),
    int("group", groups),
  ]);
  return { value: image, shape };
});

/** Reverses the last of three axes. */
const reversed = (graph: Graph, x: Value, shape: readonly number[]): Value =>
  add(graph, "Slice", [x, ...[[-1], [-shape[2] - 1], [2], [-1]].map(int64s)], shape);

/**
 * Gradient of the weight: for each tap k, the product of dy with the inputs under that tap, summed over the
 * batch. With stride 1 this equals a convolution of x by dy with batch and channels swapped. With other
 * strides such a convolution would be ten times slower, so each tap is one product.
 */
define("Conv1dWeightGrad", FLOAT, (graph, { dy, x }, { stride, padding, groups, kernel }) => {
  const [batch, channels, length] = x.shape, [, outputs, count] = dy.shape, inputs = channels / groups;
  const given = shaped(graph, x), slopes = shaped(graph, dy);
  const shape = [outputs, inputs, kernel];
  if (stride === 1) {
    const grouped = reshape(graph, given, [batch, groups, inputs, length]);
    const moved = add(graph, "Transpose", [grouped], [inputs, groups, batch, length], [
      ints("perm", [2, 1, 0, 3]),
    ]);
    const images = reshape(graph, moved, [inputs, groups * batch, length]);
    const kernels = add(graph, "Transpose", [slopes], [outputs, batch, count], [ints("perm", [1, 0, 2])]);
    const product = add(graph, "Conv", [images, kernels], [inputs, outputs, kernel], [
      ints("pads", [padding, padding]),
      int("group", groups),
    ]);
    return add(graph, "Transpose", [product], shape, [ints("perm", [1, 0, 2])]);
  }
  const wide = length + 2 * padding;
  const padded = padding
    ? add(graph, "Pad", [given, int64s([0, 0, padding, 0, 0, padding])], [batch, channels, wide])
    : given;
  const rows = reshape(graph, padded, [batch, groups, inputs, wide]);
  const factor = reshape(graph, slopes, [batch, groups, outputs / groups, count]);
  const taps = Array.from({ length: kernel }, (_, k): Value => {
    const bounds = [[k], [k + stride * (count - 1) + 1], [3], [stride]].map(int64s);
    const seen = add(graph, "Slice", [rows, ...bounds], [batch, groups, inputs, count]);
    const product = add(graph, "FusedMatMul", [factor, seen], [batch, groups, outputs / groups, inputs], [
      int("transB", 1),
    ]);
    const summed = add(graph, "ReduceSum", [product, int64s([0])], [groups, outputs / groups, inputs], [
      int("keepdims", 0),
    ]);
    return reshape(graph, summed, [outputs, inputs, 1]);
  });
  return add(graph, "Concat", taps, shape, [int("axis", 2)]);
});

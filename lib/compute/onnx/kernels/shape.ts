import * as tf from "@tensorflow/tfjs-core";
import { ANY, define, reshape, shaped } from "../kernel.ts";
import { int, int64s, ints, sameShape, scalar, sizeOf } from "../value.ts";

// Keeps the storage and changes only the shape in which it is seen.
define(tf.Identity, ANY, (_, { x }) => ({ value: x.value, shape: x.shape }));
define(tf.Reshape, ANY, (_, { x }, { shape }) => ({
  value: x.value,
  shape: tf.util.inferFromImplicitShape(shape, sizeOf(x.shape)),
}));
define(tf.ExpandDims, ANY, (_, { input }, { dim }) => {
  const shape = [...input.shape];
  shape.splice(dim < 0 ? dim + shape.length + 1 : dim, 0, 1);
  return { value: input.value, shape };
});

define(tf.Transpose, ANY, (graph, { x }, { perm }) => {
  const shape = perm.map((i: number) => x.shape[i]);
  const moved = perm.filter((i: number) => x.shape[i] !== 1);
  if (moved.every((axis: number, i: number) => i === 0 || axis > moved[i - 1])) {
    return { value: x.value, shape };
  }
  return graph.add("Transpose", [shaped(graph, x)], shape, x.value.dtype, [ints("perm", perm)]);
});

define(tf.Concat, ANY, (graph, { list }, { axis }) => {
  const [along] = tf.util.parseAxisParam(axis, list[0].shape);
  const length = list.reduce((sum, x) => sum + x.shape[along], 0);
  const shape = list[0].shape.map((size, i) => i === along ? length : size);
  return graph.add("Concat", list.map((x) => shaped(graph, x)), shape, list[0].value.dtype, [
    int("axis", along),
  ]);
});

define(tf.SplitV, ANY, (graph, { x }, { numOrSizeSplits, axis }) => {
  const [along] = tf.util.parseAxisParam(axis, x.shape);
  const sizes = tf.backend_util.prepareSplitSize({ shape: x.shape } as tf.Tensor, numOrSizeSplits, along);
  const shapes = sizes.map((size) => x.shape.map((length, i) => i === along ? size : length));
  if (sizes.length === 1) return [{ value: x.value, shape: x.shape }];
  const outputs = shapes.map((shape) => [shape, x.value.dtype] as const);
  return graph.addMany("Split", [shaped(graph, x), int64s(sizes)], outputs, [int("axis", along)]);
});

define(tf.Pack, ANY, (graph, { list }, { axis }) => {
  const [{ shape, value }] = list;
  const along = axis < 0 ? axis + shape.length + 1 : axis;
  const slab = [...shape.slice(0, along), 1, ...shape.slice(along)];
  const stacked = slab.map((length, i) => i === along ? list.length : length);
  const parts = list.map((x) => reshape(graph, x.value, slab));
  return graph.add("Concat", parts, stacked, value.dtype, [int("axis", along)]);
});

define(tf.Unpack, ANY, (graph, { value: x }, { axis }) => {
  const [along] = tf.util.parseAxisParam(axis, x.shape);
  const shape = x.shape.filter((_, i) => i !== along);
  const slab = x.shape.map((length, i) => i === along ? 1 : length);
  const count = x.shape[along];
  if (count === 1) return [{ value: x.value, shape }];
  const outputs = Array.from({ length: count }, () => [slab, x.value.dtype] as const);
  const parts = graph.addMany("Split", [shaped(graph, x), int64s(outputs.map(() => 1))], outputs, [
    int("axis", along),
  ]);
  return parts.map((value) => ({ value, shape }));
});

define(tf.Slice, ANY, (graph, { x }, { begin, size }) => {
  const [from, extent] = tf.slice_util.parseSliceParams(
    { shape: x.shape, rank: x.shape.length } as tf.Tensor,
    begin,
    size,
  );
  if (sameShape(extent, x.shape)) return { value: x.value, shape: x.shape };
  const cut = x.shape.map((_, i) => i).filter((i) => extent[i] !== x.shape[i]);
  const bounds = [cut.map((i) => from[i]), cut.map((i) => from[i] + extent[i]), cut];
  return graph.add("Slice", [shaped(graph, x), ...bounds.map(int64s)], extent, x.value.dtype);
});

define(tf.StridedSlice, ANY, (graph, { x }, attributes) => {
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes;
  const plan = tf.slice_util.sliceInfo(
    x.shape,
    begin,
    end,
    strides,
    beginMask,
    endMask,
    ellipsisMask,
    newAxisMask,
    shrinkAxisMask,
  );
  const lengths = tf.slice_util.computeOutShape(plan.begin, plan.end, plan.strides);
  const bounds = [plan.begin, plan.end, lengths.map((_, i) => i), plan.strides];
  const value = graph.add("Slice", [shaped(graph, x), ...bounds.map(int64s)], lengths, x.value.dtype);
  return { value, shape: plan.finalShape };
});

define(tf.Reverse, ANY, (graph, { x }, { dims }) => {
  const axes = tf.util.parseAxisParam(dims, x.shape);
  if (!axes.length) return { value: x.value, shape: x.shape };
  const bounds = [axes.map(() => -1), axes.map((i) => -x.shape[i] - 1), axes, axes.map(() => -1)];
  return graph.add("Slice", [shaped(graph, x), ...bounds.map(int64s)], x.shape, x.value.dtype);
});

define(tf.PadV2, ["float32", "int32"], (graph, { x }, { paddings, constantValue }) => {
  const shape = x.shape.map((length, i) => paddings[i][0] + length + paddings[i][1]);
  if (sameShape(shape, x.shape)) return { value: x.value, shape };
  const around = [0, 1].flatMap((side) => paddings.map((sides: number[]) => sides[side]));
  const fill = scalar(constantValue, x.value.dtype as "float32");
  return graph.add("Pad", [shaped(graph, x), int64s(around), fill], shape, x.value.dtype);
});

define(tf.Tile, ANY, (graph, { x }, { reps }) => {
  const shape = x.shape.map((length, i) => length * reps[i]);
  if (sameShape(shape, x.shape)) return { value: x.value, shape };
  const widens = x.shape.every((length, i) => length === 1 || reps[i] === 1);
  return graph.add(
    widens ? "Expand" : "Tile",
    [shaped(graph, x), int64s(widens ? shape : reps)],
    shape,
    x.value.dtype,
  );
});

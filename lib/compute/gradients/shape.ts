import * as tf from "@tensorflow/tfjs-core";
import { gradient } from "./gradient.ts";

gradient(tf.Identity, {}, (dy) => ({ x: () => tf.cast(dy, "float32") }));
gradient(tf.Cast, {}, (dy) => ({ x: () => tf.clone(dy) }));
for (const kernel of [tf.ZerosLike, tf.OnesLike]) {
  gradient(kernel, {}, (dy) => ({
    x: () => tf.zerosLike(dy),
  }));
}
for (const kernel of [tf.Reshape, tf.ExpandDims]) {
  const input = kernel === tf.Reshape ? "x" : "input";
  gradient(kernel, { inputs: [input] }, (dy, [x]) => ({ [input]: () => tf.reshape(dy, x.shape) }));
}
gradient(tf.Transpose, {}, (dy, _, { perm }) => ({
  x: () => tf.transpose(dy, tf.backend_util.getUndoAxesPermutation(perm)),
}));
gradient(tf.Reverse, {}, (dy, _, { dims }) => ({ x: () => tf.reverse(dy, dims) }));

gradient(tf.Concat, { inputs: "all" }, (dy, saved, { axis }) => {
  const [along] = tf.util.parseAxisParam(axis, saved[0].shape);
  const parts = tf.split(dy, saved.map((x) => x.shape[along]), along);
  return Object.fromEntries(parts.map((part, i) => [i, () => part]));
});
gradient(tf.SplitV, {}, (dys, _, { axis }) => ({ x: () => tf.concat([dys].flat(), axis) }));
gradient(tf.Pack, { inputs: "all" }, (dy, _, { axis }) => {
  const parts = tf.unstack(dy, axis);
  return Object.fromEntries(parts.map((part, i) => [i, () => part]));
});
gradient(tf.Unpack, {}, (dys, _, { axis }) => ({ value: () => tf.stack([dys].flat(), axis) }));

gradient(tf.Slice, { inputs: ["x"] }, (dy, [x], { begin, size }) => {
  const [from, extent] = tf.slice_util.parseSliceParams(x, begin, size);
  const around = x.shape.map((length, i) => [from[i], length - from[i] - extent[i]] as [number, number]);
  return { x: () => tf.pad(dy, around) };
});
gradient(tf.PadV2, { inputs: ["x"] }, (dy, [x], { paddings }) => ({
  x: () => tf.slice(dy, paddings.map(([before]: [number, number]) => before), x.shape),
}));

/** Splits each repeat into its own axis, `[r0,d0,r1,d1,...]`, and sums over these axes. */
gradient(tf.Tile, { inputs: ["x"] }, (dy, [x], { reps }) => ({
  x: () => {
    const split = x.shape.flatMap((length, i) => [reps[i], length]);
    return tf.sum(tf.reshape(dy, split), x.shape.map((_, i) => 2 * i));
  },
}));

/** Sums the gradients of the rows looked up, along one axis. Batched lookups have no gradient here. */
gradient(tf.GatherV2, { inputs: ["x", "indices"] }, (dy, [x, indices], { axis, batchDims }) => {
  if (batchDims) throw new Error("A batched gather has no gradient.");
  const [along] = tf.util.parseAxisParam(axis, x.shape);
  return {
    x: () => {
      const rows = tf.reshape(dy, [...x.shape.slice(0, along), indices.size, ...x.shape.slice(along + 1)]);
      const order = rows.shape.map((_, i) => i);
      order.unshift(...order.splice(along, 1));
      const first = along ? tf.transpose(rows, order) : rows;
      const sums = tf.unsortedSegmentSum(first, tf.reshape(indices, [-1]) as tf.Tensor1D, x.shape[along]);
      return along ? tf.transpose(sums, tf.backend_util.getUndoAxesPermutation(order)) : sums;
    },
    indices: () => tf.zeros(indices.shape),
  };
});
gradient(tf.OneHot, { inputs: ["indices"] }, (_, [indices]) => ({ indices: () => tf.zeros(indices.shape) }));

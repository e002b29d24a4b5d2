import * as tf from "@tensorflow/tfjs-core";
import { gradient } from "./gradient.ts";

/** Restores the reduced axes with length 1. */
function kept(reduced: tf.Tensor, shape: number[], axis: number | number[]): tf.Tensor {
  const axes = tf.util.parseAxisParam(axis, shape);
  return tf.reshape(reduced, shape.map((length, i) => axes.includes(i) ? 1 : length));
}

gradient(tf.Sum, { inputs: ["x"] }, (dy, [x], { axis }) => ({
  x: () => tf.broadcastTo(kept(dy, x.shape, axis), x.shape),
}));
gradient(tf.Mean, { inputs: ["x"] }, (dy, [x], { axis }) => ({
  x: () => tf.broadcastTo(tf.mul(kept(dy, x.shape, axis), dy.size / x.size), x.shape),
}));

/** Positions that tie for the extreme share its gradient evenly, as in PyTorch's amax and amin. */
for (const kernel of [tf.Max, tf.Min]) {
  gradient(kernel, { inputs: ["x"], outputs: [true] }, (dy, [x, y], attributes) => ({
    x: () => {
      const axis = attributes.reductionIndices ?? attributes.axis; // Max has the former, Min the latter
      const extreme = tf.cast(tf.equal(x, kept(y, x.shape, axis)), "float32");
      const share = tf.div(kept(dy, x.shape, axis), tf.sum(extreme, axis, true));
      return tf.mul(extreme, share);
    },
  }));
}
/**
 * The gradient of each factor is the product of the others. It is computed as the product of a copy with that
 * factor set to 1, so that zeros are handled.
 */
gradient(tf.Prod, { inputs: ["x"] }, (dy, [x], { axis }) => ({
  x: () => {
    const axes = tf.util.parseAxisParam(axis, x.shape);
    const order = [...x.shape.map((_, i) => i).filter((i) => !axes.includes(i)), ...axes];
    const count = axes.reduce((product, i) => product * x.shape[i], 1);
    const factors = tf.reshape(tf.transpose(x, order), [-1, 1, count]); // [N,1,K]
    const own = tf.expandDims(tf.eye(count), 0); // [1,K,K]
    const others = tf.prod(tf.add(tf.mul(factors, tf.sub(1, own)), own), 2); // [N,K]
    const byFactor = tf.mul(others, tf.reshape(dy, [-1, 1]));
    const moved = tf.reshape(byFactor, order.map((i) => x.shape[i]));
    return tf.transpose(moved, tf.backend_util.getUndoAxesPermutation(order));
  },
}));
for (const kernel of [tf.ArgMax, tf.ArgMin]) {
  gradient(kernel, { inputs: ["x"] }, (_, [x]) => ({ x: () => tf.zerosLike(x) }));
}

gradient(tf.Softmax, { outputs: [true] }, (dy, [y], { dim }) => ({
  logits: () => {
    const weighted = tf.mul(dy, y);
    return tf.sub(weighted, tf.mul(y, tf.sum(weighted, dim, true)));
  },
}));
gradient(tf.LogSoftmax, { outputs: [true] }, (dy, [y], { axis }) => ({
  logits: () => tf.sub(dy, tf.mul(tf.exp(y), tf.sum(dy, axis, true))),
}));
gradient(tf.Cumsum, {}, (dy, _, { axis, exclusive, reverse }) => ({
  x: () => tf.cumsum(dy, axis, exclusive, !reverse),
}));
gradient(tf.UnsortedSegmentSum, { inputs: ["segmentIds"] }, (dy, [segmentIds]) => ({
  x: () => tf.gather(dy, tf.cast(segmentIds, "int32")),
  segmentIds: () => tf.zeros(segmentIds.shape),
}));

import * as tf from "@tensorflow/tfjs-core";
import { gradient, unbroadcast } from "./gradient.ts";

/**
 * Gradients of `C = op(A) op(B)`: one product each, with the transposes inside it, summed over broadcast
 * batch axes.
 */
gradient(tf.BatchMatMul, { inputs: ["a", "b"] }, (dy, [a, b], { transposeA, transposeB }) => ({
  a: () =>
    unbroadcast(
      transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB),
      a.shape,
    ),
  b: () =>
    unbroadcast(
      transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false),
      b.shape,
    ),
}));

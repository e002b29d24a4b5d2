import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "../tensors.ts";
import { gradient } from "../gradients/gradient.ts";
import { composed, runKernel } from "./composed.ts";

/** Settings of a batched matrix product. */
export interface Products {
  /** Whether to transpose A. */
  transposeA?: boolean;
  /** Whether to transpose B. */
  transposeB?: boolean;
  /** Factor of the product. */
  scale: number;
}

/**
 * Returns `scale op(A) op(B)` for batches of matrices, `[...,M,K]` and `[...,K,N]` with equal leading axes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { scaledMatMul, useEngine } from "@undertone/undertone/nn";
 *
 * await useEngine();
 * const queries = tf.ones<tf.Rank.R3>([2, 3, 4]), keys = tf.ones<tf.Rank.R3>([2, 5, 4]);
 * scaledMatMul(queries, keys, { transposeB: true, scale: 0.5 }).print(); // [2,3,5], 2 everywhere
 * ```
 */
export function scaledMatMul<T extends Tensor>(
  a: T,
  b: T,
  { transposeA = false, transposeB = false, scale }: Products,
): T {
  return runKernel("ScaledMatMul", { a, b }, { transposeA, transposeB, scale });
}

composed(
  "ScaledMatMul",
  ({ a, b }, { transposeA, transposeB, scale }) => tf.mul(tf.matMul(a, b, transposeA, transposeB), scale),
);

gradient("ScaledMatMul", { inputs: ["a", "b"] }, (dy, [a, b], { transposeA, transposeB, scale }) => ({
  a: () =>
    transposeA
      ? scaledMatMul(b, dy, { transposeA: transposeB, transposeB: true, scale })
      : scaledMatMul(dy, b, { transposeB: !transposeB, scale }),
  b: () =>
    transposeB
      ? scaledMatMul(dy, a, { transposeA: true, transposeB: transposeA, scale })
      : scaledMatMul(a, dy, { transposeA: !transposeA, scale }),
}));

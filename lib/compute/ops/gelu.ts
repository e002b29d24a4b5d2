import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "../tensors.ts";
import { gradient } from "../gradients/gradient.ts";
import { composed, runKernel } from "./composed.ts";

/**
 * Coefficients of the tanh approximation, which is x sigmoid(u) with u = SLOPE x + CUBIC x³:
 * SLOPE = 2 √(2/π), CUBIC = 0.044715 SLOPE.
 */
export const SLOPE = 2 * Math.sqrt(2 / Math.PI), CUBIC = SLOPE * 0.044715;

/**
 * GELU, `x Φ(x)`, with the exact error function or the tanh approximation (Hendrycks and Gimpel 2016).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { gelu, useEngine } from "@undertone/undertone/nn";
 *
 * await useEngine();
 * gelu(tf.tensor1d([-1, 0, 1])).print(); // -0.159, 0, 0.841
 * ```
 */
export function gelu<T extends Tensor>(x: T, approximate: "none" | "tanh" = "none"): T {
  return runKernel("Gelu", { x }, { approximate });
}

composed("Gelu", ({ x }, { approximate }) => {
  if (approximate === "tanh") return tf.mul(x, tf.sigmoid(odd(x, CUBIC)));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
});

const odd = (x: Tensor, cubic: number) => tf.mul(x, tf.add(tf.mul(tf.square(x), cubic), SLOPE));

gradient("Gelu", { inputs: ["x"] }, (dy, [x], { approximate }) => ({
  x: () => runKernel<Tensor>("GeluGrad", { dy, x }, { approximate }),
}));

/**
 * Gradient of GELU: dx = dy (Φ + x φ); for the tanh approximation, dx = dy (σ(u) + σ(u) σ(-u) x u'). The
 * forward pass keeps x only.
 */
composed("GeluGrad", ({ dy, x }, { approximate }) => {
  if (approximate === "tanh") {
    const u = odd(x, CUBIC), share = tf.sigmoid(u);
    const bell = tf.mul(tf.mul(share, tf.sigmoid(tf.neg(u))), odd(x, 3 * CUBIC));
    return tf.mul(dy, tf.add(share, bell));
  }
  const u = tf.mul(x, Math.SQRT1_2);
  const bell = tf.mul(tf.mul(u, tf.exp(tf.neg(tf.square(u)))), 2 / Math.sqrt(Math.PI));
  return tf.mul(dy, tf.mul(tf.add(tf.add(tf.erf(u), bell), 1), 0.5));
});

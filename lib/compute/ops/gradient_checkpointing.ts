import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "../tensors.ts";
import { collectDraws, replayDraws } from "../draw.ts";
import type { Variables } from "../feed.ts";
import { trainedAmong } from "./embedding.ts";

/**
 * Computes `f(inputs)` with gradient checkpointing: keeps only the inputs and the random draws, and computes
 * `f` again for the gradient (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost"). Besides its
 * inputs and `variables`, `f` may read nothing that has a gradient. The first input must be the result of the
 * preceding computation.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { linearInit, linearLayer, checkpointed, useEngine } from "@undertone/undertone/nn";
 *
 * await useEngine();
 * const params = linearInit(1, "layer", 4, 4);
 * const layer = ({ x }: { x: tf.Tensor2D }) => tf.tanh(linearLayer(params, "layer", x));
 * checkpointed(layer, { x: tf.ones<tf.Rank.R2>([2, 4]) }, params).print(); // as layer gives it
 * ```
 */
export function checkpointed<Inputs extends Record<string, Tensor>, Output extends Tensor>(
  f: (inputs: Inputs) => Output,
  inputs: Inputs,
  variables: Variables,
): Output {
  const names = Object.keys(inputs), given = Object.values(inputs), trained = trainedAmong(variables);
  const once = tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as (tensors: Tensor[]) => void;
    const { result, draws } = collectDraws(() => f(inputs));
    save([...given, ...draws]);
    return {
      value: result,
      gradFunc(dy: Tensor, saved: Tensor[]) {
        const [first, ...rest] = saved.slice(0, names.length), kept = [after([dy], first), ...rest];
        const again = Object.fromEntries(names.map((name, i) => [name, kept[i]])) as Inputs;
        const call = () => replayDraws(saved.slice(names.length), () => f(again));
        const [dx, ...others] = gradientsApart(call, [...kept, ...trained], dy);
        const computed = others.flatMap((gradient) => gradient ?? []);
        return [
          after(computed, dx ?? tf.zerosLike(first)),
          ...others.map((gradient, i) => gradient ?? tf.zerosLike([...rest, ...trained][i])),
        ];
      },
    };
  });
  return once(...given, ...trained) as Output;
}

/**
 * Returns `x` with a dependency on `others`, so that it cannot be computed before them. Without it, a runtime
 * that reorders the graph could reuse the first result instead of computing it again, or compute all layers
 * again before the first gradient.
 */
const after = (others: readonly Tensor[], x: Tensor): Tensor => {
  if (others.length === 0) return x;
  const one = (y: Tensor) => tf.slice(tf.reshape(y, [-1]), 0, 1);
  return tf.add(x, tf.mul(tf.sum(tf.concat(others.map(one))), 0));
};

/**
 * Computes gradients inside a gradient function. TensorFlow.js has one tape at a time, so the outer tape is
 * set aside.
 */
function gradientsApart(f: () => Tensor, xs: Tensor[], dy: Tensor): (Tensor | undefined)[] {
  const { state } = tf.engine(), outer = state.activeTape;
  try {
    const { value, grads } = tf.engine().gradients(f, xs, dy, true);
    value.dispose();
    return grads;
  } finally {
    state.activeTape = outer;
  }
}

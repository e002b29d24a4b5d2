import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../compute/mod.ts";
import { random } from "../random.ts";
import { ok } from "../testing/assert.ts";
import { dropoutKeys, type ForwardContext } from "./context.ts";
import { dropDimensions, keptDimensions } from "./dropout.ts";
import { linearInit } from "./init.ts";
import { attentionPooling } from "./pooling.ts";

/** A context of training that draws the same numbers each time. */
const training = (): ForwardContext => ({ training: true, dropout: dropoutKeys(3, 0) });

Deno.test("pooling with kept dimensions equals pooling of dropped states, with its gradients", async () => {
  await useEngine();
  const { normal } = random(1), params = linearInit(1, "pool.score", 6, 1);
  const states = tf.variable(tf.tensor3d(Float32Array.from({ length: 4 * 5 * 6 }, normal), [4, 5, 6]));
  const mask = tf.tensor2d([[1, 1, 1, 1, 1], [1, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 1, 1, 0, 1]]);
  const by = (pool: () => { pooled: tf.Tensor2D; weights: tf.Tensor2D }) => {
    const variables = [states, ...Object.values(params)];
    const { value, grads } = tf.variableGrads(() => {
      const { pooled, weights } = pool();
      return tf.add(tf.sum(tf.square(pooled)), tf.sum(tf.square(weights))) as tf.Scalar;
    }, variables);
    return [value, ...variables.map(({ name }) => grads[name])].flatMap((tensor) => [...tensor.dataSync()]);
  };
  const dropped = by(() => {
    const x = dropDimensions(states as tf.Tensor as tf.Tensor3D, 0.4, training());
    return attentionPooling(params, "pool", x, mask);
  });
  const kept = by(() => {
    const dimensions = keptDimensions(states as tf.Tensor as tf.Tensor3D, 0.4, training());
    return attentionPooling(params, "pool", states as tf.Tensor as tf.Tensor3D, mask, dimensions);
  });
  ok(dropped.some((number) => number === 0), "some dimensions are dropped");
  dropped.forEach((want, i) =>
    ok(Math.abs(kept[i] - want) <= 2e-6 * Math.max(1, Math.abs(want)), `${i}: ${kept[i]}, ${want}`)
  );
});

import * as tf from "@tensorflow/tfjs-core";
import { ENGINES, useEngine } from "../compute/mod.ts";
import { attentionPooling, crossAttention, linearLayer, type Params, type Sides } from "../nn/mod.ts";
import { random, seedOf } from "../random.ts";
import * as assert from "../testing/assert.ts";
import { testWith } from "../testing/needs.ts";
import { pooledAttention } from "./pooled_attention.ts";

const WIDTH = 6, HEADS = 2;
const draw = (name: string, shape: number[]) => {
  const { normal } = random(seedOf(5, name));
  return tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => 0.5 * normal()), shape);
};

/** Weight and bias of each layer; none of them is 0. */
const shapes: Record<string, number[]> = {
  "pool.score.weight": [1, WIDTH],
  "pool.score.bias": [1],
  ...Object.fromEntries(
    ["q_proj", "k_proj", "v_proj", "out_proj"].flatMap((part) => [
      [`ask.${part}.weight`, [WIDTH, WIDTH]],
      [`ask.${part}.bias`, [WIDTH]],
    ]),
  ),
};

/** Computes the same in plain steps: attention, residual, pooling. */
function inSteps(params: Params, sides: Sides) {
  const { context, map } = crossAttention(params, "ask", sides, HEADS);
  const states = tf.add(sides.queries, linearLayer(params, "ask.out_proj", context)) as tf.Tensor3D;
  return { ...attentionPooling(params, "pool", states, sides.queryMask), map };
}

for (const engine of ENGINES) {
  testWith(engine, `pooled attention equals attention, then pooling, on ${engine}`, async () => {
    await useEngine({ engine });
    const masks = {
      queryMask: tf.tensor2d([[1, 1, 1, 0], [1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]]),
      keyMask: tf.tensor2d([[1, 1, 0], [1, 1, 1], [0, 0, 0], [1, 0, 0]]),
    };
    const names = Object.keys(shapes);
    const inputs = [
      draw("queries", [4, 4, WIDTH]),
      draw("keys", [4, 3, WIDTH]),
      ...names.map((name) => draw(name, shapes[name])),
    ];
    const outputs = (compute: (params: Params, sides: Sides) => ReturnType<typeof inSteps>) => {
      const of = ([queries, keys, ...values]: tf.Tensor[]) => {
        const params = Object.fromEntries(names.map((name, i) => [name, values[i]])) as unknown as Params;
        return compute(params, { queries: queries as tf.Tensor3D, keys: keys as tf.Tensor3D, ...masks });
      };
      const { pooled, weights, map } = of(inputs);
      const slopes = tf.grads((...given: tf.Tensor[]) => of(given).pooled)(inputs, draw("slope", [4, WIDTH]));
      return [pooled, weights, map, ...slopes];
    };
    const expected = outputs(inSteps),
      actual = outputs((params, sides) =>
        pooledAttention(params, { attention: "ask", pooling: "pool" }, sides, HEADS)
      );
    for (const [i, tensor] of expected.entries()) {
      assert.deepEqual(actual[i].shape, tensor.shape);
      const [got, wanted] = [await actual[i].data(), await tensor.data()];
      wanted.forEach((value, j) =>
        assert.ok(
          Math.abs(got[j] - value) < 5e-6 * Math.max(1, Math.abs(value)),
          `output ${i}: ${got[j]} is not ${value}`,
        )
      );
    }
  });
}

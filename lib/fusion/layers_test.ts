import * as assert from "../testing/assert.ts";
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../compute/mod.ts";
import { attentionInit, crossAttention, linearInit, normalInit } from "./layers.ts";

/** Largest size and standard deviation of a tensor's values. */
async function spread(tensor: tf.Tensor): Promise<{ bound: number; deviation: number; mean: number }> {
  const values = Array.from(await tensor.data());
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  return { bound: Math.max(...values.map(Math.abs)), deviation, mean };
}

async function assertUniform(tensor: tf.Tensor, bound: number) {
  const { bound: largest, deviation, mean } = await spread(tensor);
  assert.ok(largest <= bound && largest > 0.99 * bound, `${largest} of ${bound}`);
  assert.ok(Math.abs(deviation / (bound / Math.sqrt(3)) - 1) < 0.03, "uniform");
  assert.ok(Math.abs(mean) < 0.03 * bound, "centred");
}

Deno.test("initial values are distributed as PyTorch's", async () => {
  await useEngine({ engine: "cpu" });
  const dense = linearInit(1, "dense", 100, 200);
  await assertUniform(dense["dense.weight"], 0.1); // nn.Linear(100, 200)
  assert.ok((await spread(dense["dense.bias"])).bound <= 0.1);
  const attention = attentionInit(1, "attention", 96);
  for (const part of ["q_proj", "k_proj", "v_proj"]) {
    await assertUniform(attention[`attention.${part}.weight`], 0.125); // xavier_uniform of [288, 96]
  }
  await assertUniform(attention["attention.out_proj.weight"], 1 / Math.sqrt(96));
  assert.equal((await spread(attention["attention.q_proj.bias"])).bound, 0);
  assert.ok(Math.abs((await spread(normalInit(1, "normal", [100, 100], 0.5))).deviation - 0.5) < 0.01);
});

Deno.test("a parameter's values depend on seed and name, not on what was drawn before", async () => {
  await useEngine({ engine: "cpu" });
  linearInit(3, "something else", 7, 7);
  const once = await linearInit(3, "a", 5, 4)["a.weight"].data();
  assert.deepEqual(await linearInit(3, "a", 5, 4)["a.weight"].data(), once);
  assert.notDeepEqual(await linearInit(3, "b", 5, 4)["b.weight"].data(), once);
});

Deno.test("attention maps sum to 1 over real keys, are 0 elsewhere and for padded queries", async () => {
  await useEngine({ engine: "cpu" });
  const params = attentionInit(1, "attention", 4);
  const { map, context } = crossAttention(params, "attention", {
    queries: tf.ones([2, 3, 4]),
    queryMask: tf.tensor2d([[1, 1, 0], [1, 1, 1]]),
    keys: tf.ones([2, 2, 4]),
    keyMask: tf.tensor2d([[1, 0], [0, 0]]),
  }, 2);
  const [row, nothing] = [[[1, 0], [1, 0], [0, 0]], [[0, 0], [0, 0], [0, 0]]];
  assert.deepEqual(await map.array(), [[row, row], [nothing, nothing]]);
  assert.deepEqual((await context.array())[1], Array(3).fill([0, 0, 0, 0])); // no key
});

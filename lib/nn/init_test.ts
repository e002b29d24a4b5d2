import * as assert from "../testing/assert.ts";
import type * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../compute/mod.ts";
import { attentionInit, linearInit, normalInit } from "./mod.ts";

/** Returns the largest magnitude, the standard deviation and the mean of a tensor's values. */
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

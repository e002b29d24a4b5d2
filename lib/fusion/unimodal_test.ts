import * as assert from "../testing/assert.ts";
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../compute/mod.ts";
import { batchOf, deviation, forward, head } from "../conformance/mod.ts";
import { readSafetensors } from "../files/safetensors.ts";
import { fixture } from "../testing/shared.ts";
import { fusionMethod } from "./mod.ts";
import { variables } from "./testing.ts";

const floor = Math.sqrt(1e-5);

Deno.test("mean_std pools to means and deviations of the real positions", async () => {
  await useEngine({ engine: "cpu" });
  const method = head(fusionMethod("audio_only"), { pooling: "mean_std" });
  const params = method.method.init(method.options, { text: 1, audio: 2, classes: 2 }, 1);
  const rows = [{ text: [[0]], audio: [[1, 5], [3, 5]] }, { text: [[0]], audio: [] }];
  const { pooled } = forward(method, params, batchOf(rows, [1, 2], 3));
  const expected = tf.tensor2d([[2, 5, Math.sqrt(1 + 1e-5), floor], [0, 0, floor, floor]]);
  assert.ok(await deviation(pooled!, expected) < 1e-6);
});

Deno.test("a hidden layer comes before the classifier", async () => {
  await useEngine({ engine: "cpu" });
  const method = head(fusionMethod("text_only"), { hidden: 2 });
  const plain = (values: number[], shape: number[]) => ({ data: Float32Array.from(values), shape });
  const params = variables({
    "hidden.weight": plain([1, 0, 0, 1], [2, 2]),
    "hidden.bias": plain([0, -10], [2]),
    "classifier.weight": plain([1, 1], [1, 2]),
    "classifier.bias": plain([0.5], [1]),
  });
  const input = batchOf([{ text: [[2, 3], [4, 5]], audio: [] }], [2, 1]);
  // mean [3,4], hidden [3,-6], LeakyReLU [3,-0.06]
  assert.ok(await deviation(forward(method, params, input).logits, tf.tensor2d([[3.44]])) < 1e-6);
});

Deno.test("attention pooling equals PyTorch's", async () => {
  await useEngine({ engine: "cpu" });
  const { tensors } = await readSafetensors(fixture("fusion/attention_pooling.safetensors"));
  const method = head(fusionMethod("text_only"), { pooling: "attention" });
  const given = variables({
    "pool.score.weight": tensors["param.text_pool.score.weight"],
    "pool.score.bias": tensors["param.text_pool.score.bias"],
    text: tensors["input.text"],
    audio: tensors["input.audio"],
    textMask: tensors["input.text_mask"],
    audioMask: tensors["input.audio_mask"],
  });
  const params = {
    ...method.method.init(method.options, { text: 24, audio: 20, classes: 4 }, 1),
    "pool.score.weight": given["pool.score.weight"],
    "pool.score.bias": given["pool.score.bias"],
  };
  const input = given as unknown as Parameters<typeof forward>[2];
  const { attention } = forward(method, params, input);
  assert.ok(await deviation(attention!.pool, tensors["output.attention.text_pool"]) < 1e-6);
});

import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../compute/mod.ts";
import * as assert from "../testing/assert.ts";
import { attentionInit, crossAttention } from "./mod.ts";

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

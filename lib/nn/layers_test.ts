import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../compute/mod.ts";
import * as assert from "../testing/assert.ts";
import { type ForwardContext, inference, linearLayer, type Params } from "./mod.ts";

const matrix = (...rows: number[][]) => tf.variable(tf.tensor2d(rows));

Deno.test("a LoRA change applies only if the context asks for it", async () => {
  await useEngine({ engine: "cpu" });
  const params: Params = {
    "layer.weight": matrix([1, 0], [0, 1]),
    "layer.bias": tf.variable(tf.tensor1d([10, 20])),
    "layer.lora_A.weight": matrix([1, 1]),
    "layer.lora_B.weight": matrix([1], [-1]),
  };
  const answer = (context?: ForwardContext) =>
    Array.from(linearLayer(params, "layer", tf.tensor2d([[2, 3]]), context).dataSync());
  assert.deepEqual(answer(), [12, 23]);
  assert.deepEqual(answer(inference), [12, 23]);
  // A x = 5 and B A x = [5, -5]; the scale doubles them.
  assert.deepEqual(answer({ ...inference, lora: { scale: 2, dropout: 0.5 } }), [22, 13]);
});

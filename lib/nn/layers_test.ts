import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../compute/mod.ts";
import * as assert from "../testing/assert.ts";
import {
  type ForwardContext,
  inference,
  linearInit,
  linearLayer,
  normInit,
  normLayer,
  type Params,
} from "./mod.ts";

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

Deno.test("a missing layer and a wrong width are refused with the layer's name", () => {
  const params = { ...linearInit(1, "classifier", 10, 3), ...normInit("norm", 4) };
  assert.throws(
    () => linearLayer(params, "clasifier", tf.ones([2, 10])),
    /found 'clasifier\.weight' .* Did you mean 'classifier\.weight'\?/,
  );
  // 20 is a multiple of 10: a reshape alone would take the states for twice as many rows.
  assert.throws(
    () => linearLayer(params, "classifier", tf.ones([2, 20])),
    /states of width 10 but found width 20 at the layer 'classifier'/,
  );
  assert.throws(
    () => normLayer(params, "norm", tf.ones([2, 5])),
    /width 4 but found width 5 at the layer 'norm'/,
  );
});

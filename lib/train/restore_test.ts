import * as tf from "@tensorflow/tfjs-core";
import { deepEqual, equal, throws } from "../testing/assert.ts";
import { useEngine } from "../compute/mod.ts";
import { copiesOf, initParams, restoreParams, tensorsOf } from "./restore.ts";

await useEngine({ engine: "cpu" });

const model = () => ({
  "body.weight": tf.variable(tf.tensor2d([[1, 2], [3, 4]])),
  "body.bias": tf.variable(tf.tensor1d([5, 6])),
  "head.weight": tf.variable(tf.tensor2d([[7, 8]])),
});
const at = { at: "x.safetensors" };

Deno.test("copies are restored, and later changes do not reach them", async () => {
  const source = model(), target = model();
  for (const name of Object.keys(source) as (keyof typeof source)[]) {
    source[name].assign(tf.mul(source[name], -1) as never);
  }
  const tensors = await tensorsOf(source);
  restoreParams(target, tensors, at);
  deepEqual(await tensorsOf(target), tensors);
  (target["body.bias"].dataSync() as Float32Array)[0] = 99;
  equal(tensors["body.bias"].data[0], -5);
});

Deno.test("every tensor that does not fit is named, and nothing changes", async () => {
  const params = model(), before = await copiesOf(params);
  const tensors = {
    "body.weight": { shape: [4], data: new Float32Array(4) },
    "body.bias": { shape: [2], data: new Float32Array(2) },
    "tail.weight": { shape: [1], data: new Float32Array(1) },
  };
  throws(
    () => restoreParams(params, tensors, at),
    /found missing head\.weight; unexpected tail\.weight; misshaped body\.weight \[4\] for \[2,2\] at x\.safetensors/,
  );
  deepEqual(await tensorsOf(params), before);
});

Deno.test("weights alone: matching tensors are taken, others reported; a file without a match is refused", async () => {
  const params = model();
  const fit = initParams(params, {
    "body.weight": { shape: [2, 2], data: Float32Array.of(9, 9, 9, 9) },
    "body.bias": { shape: [3], data: new Float32Array(3) },
    "position_ids": { shape: [1], data: Int32Array.of(0) },
  }, at);
  deepEqual(fit, {
    taken: ["body.weight"],
    missing: ["head.weight"],
    unexpected: ["position_ids"],
    misshaped: ["body.bias"],
  });
  const { "body.weight": weight, "body.bias": bias } = await tensorsOf(params);
  deepEqual([...weight.data, ...bias.data], [9, 9, 9, 9, 5, 6]);
  throws(
    () => initParams(params, { other: { shape: [], data: new Float32Array(1) } }, at),
    /found missing .*unexpected other/,
  );
});

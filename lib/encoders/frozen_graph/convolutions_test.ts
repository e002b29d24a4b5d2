/** Convolutions written as those of images equal the operations of the network, at every size. */
import * as tf from "@tensorflow/tfjs-core";
import { Tensor } from "onnxruntime-node";
import { conv1d, gelu, hostValues, useEngine } from "../../compute/mod.ts";
import { disposeParams } from "../../nn/mod.ts";
import { random } from "../../random.ts";
import { deepEqual, ok } from "../../testing/assert.ts";
import type { NetworkEncoder } from "../encoder.ts";
import { openSession } from "../onnx_session.ts";
import { paramsFrom } from "../params.ts";
import { networkGraph } from "./graph.ts";

await useEngine();
const CHANNELS = 32;
const draw = random(13);
const tensor = (...shape: number[]) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, draw.normal),
});

Deno.test("strided, padded, grouped and biased convolutions with GELUs between them", async () => {
  const weights = {
    first: tensor(CHANNELS, CHANNELS, 3),
    second: tensor(CHANNELS, CHANNELS / 2, 4),
    third: tensor(CHANNELS, CHANNELS, 2),
    bias: tensor(CHANNELS),
  };
  const network: Pick<NetworkEncoder<never>, "apply" | "weights" | "recordedAt"> = {
    weights,
    recordedAt: (batch, length) => ({ x: tensor(batch, CHANNELS, length) }),
    apply(params, inputs) {
      const { x } = inputs as unknown as { x: tf.Tensor3D }, bias = params.bias as unknown as tf.Tensor1D;
      const weight = (name: string) => params[name] as unknown as tf.Tensor3D;
      const once = conv1d(x, weight("first"), undefined, { padding: 1 }); // a weight of two convolutions
      const first = gelu(conv1d(once, weight("first"), undefined, { stride: 2 }));
      const second = conv1d(first, weight("second"), bias, { padding: 2, groups: 2 });
      const third = conv1d(gelu(second), tf.mul(weight("third"), 0.5), bias, { stride: 2 });
      const shift = tf.sum(weight("second")); // and one that is read elsewhere, too
      const states = tf.add(tf.transpose(third, [0, 2, 1]), shift) as tf.Tensor3D;
      const mask = tf.sum(tf.transpose(second, [0, 2, 1]), 2) as tf.Tensor2D; // read before its GELU, too
      return { states, mask };
    },
  };
  const { bytes, apart } = networkGraph(network, network.recordedAt!(1, 9));
  const session = await openSession(bytes, { apart }), params = paramsFrom(weights);
  for (const [batch, length] of [[1, 40], [3, 61]]) {
    const { x } = network.recordedAt!(batch, length), given = tf.tensor(x.data, [...x.shape]);
    const made = network.apply(params, { x: given }, {} as never);
    const found = await session.run({ x: new Tensor("float32", x.data as Float32Array, x.shape) });
    for (const [actual, expected] of [[found.states, made.states], [found.states_mask, made.mask]] as const) {
      deepEqual(actual.dims, expected.shape);
      const values = await hostValues(expected), most = Math.max(...values.map(Math.abs));
      const off = values.map((y, i) => Math.abs(y - (actual.data as Float32Array)[i]));
      ok(Math.max(...off) < 1e-5 * most);
    }
    tf.dispose([given, made.states, made.mask]);
  }
  await session.release();
  disposeParams(params);
});

/** Convolutions in bytes equal the definition, computed by hand in double precision. */
import * as tf from "@tensorflow/tfjs-core";
import { Tensor } from "onnxruntime-node";
import { conv1d, type Feed, gelu, useEngine } from "../../compute/mod.ts";
import { random } from "../../random.ts";
import { deepEqual, equal, ok } from "../../testing/assert.ts";
import type { NetworkEncoder } from "../encoder.ts";
import { openSession } from "../onnx_session.ts";
import { networkGraph } from "../frozen_graph/graph.ts";
import { inBytes } from "./eight_bit.ts";
import { exactWeightBytes } from "./processor.ts";

await useEngine();
const weightBytes = await exactWeightBytes("the test");
const CHANNELS = 64, OUTPUTS = 64;
const draw = random(11);
const numbers = (count: number, scale = (_: number) => 1) =>
  Float32Array.from({ length: count }, (_, i) => scale(i) * draw.normal());

type Network = Pick<NetworkEncoder<never>, "apply" | "weights" | "recordedAt">;
type Sizes = { kernel: number; stride: number; padding: number };

const feedOf = (data: Float32Array, batch: number): Feed => ({
  x: { data, shape: [batch, CHANNELS, data.length / batch / CHANNELS] },
});

/** One convolution, or two with a GELU between them, of `x [B,64,L]`. */
function networkOf({ kernel, stride, padding }: Sizes, layers = 1): Network {
  const weight = () => ({
    shape: [OUTPUTS, CHANNELS, kernel],
    data: numbers(OUTPUTS * CHANNELS * kernel, (i) => 0.1 + i % 7),
  });
  const weights = {
    "0.weight": weight(),
    "1.weight": weight(),
    bias: { shape: [OUTPUTS], data: numbers(OUTPUTS) },
  };
  return {
    weights,
    recordedAt: (batch, length) => feedOf(new Float32Array(batch * CHANNELS * length), batch),
    apply(params, inputs) {
      let x = (inputs as unknown as { x: tf.Tensor3D }).x;
      for (let i = 0; i < layers; i++) {
        const taps = params[`${i}.weight`] as unknown as tf.Tensor3D,
          bias = params.bias as unknown as tf.Tensor1D;
        x = conv1d(i ? gelu(x) : x, taps, bias, { stride, padding });
      }
      const states = tf.transpose(x, [0, 2, 1]) as tf.Tensor3D;
      return { states, mask: tf.sum(states, 2) as tf.Tensor2D };
    },
  };
}

async function states(network: Network, feed: Feed): Promise<Float32Array> {
  const { bytes, apart } = networkGraph(network, feed, inBytes(network, weightBytes));
  const session = await openSession(bytes, { apart });
  const { states } = await session.run({
    x: new Tensor("float32", feed.x.data as Float32Array, feed.x.shape),
  });
  await session.release();
  return states.data as Float32Array;
}

/** Rounds to the nearest integer, halves to the even one. */
const rounded = (x: number) => Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x);
const scaleOf = (values: readonly number[]) => Math.max(...values.map(Math.abs)) / 127;

/** Returns the convolution `[n,out]` of one row, each window and each output scaled to 127. */
function byHand(x: Float32Array, { weights }: Network, { kernel, stride, padding }: Sizes): number[] {
  const { data } = weights["0.weight"], bias = weights.bias.data, length = x.length / CHANNELS;
  const at = (c: number, l: number) => l < 0 || l >= length ? 0 : x[c * length + l], made: number[] = [];
  const each = Array.from({ length: CHANNELS * kernel }, (_, i) => [Math.floor(i / kernel), i % kernel]);
  for (let start = -padding; start + kernel <= length + padding; start += stride) {
    const window = each.map(([c, t]) => at(c, start + t)), scale = scaleOf(window) || 1;
    for (let o = 0; o < OUTPUTS; o++) {
      const taps = each.map((_, i) => data[o * each.length + i]), step = scaleOf(taps);
      const sum = window.reduce((sum, v, i) => sum + rounded(v / scale) * rounded(taps[i] / step), 0);
      made.push(sum * scale * step + bias[o]);
    }
  }
  return made;
}

for (
  const sizes of [
    { kernel: 3, stride: 2, padding: 0 },
    { kernel: 2, stride: 2, padding: 0 },
    { kernel: 3, stride: 1, padding: 1 },
    { kernel: 5, stride: 2, padding: 0 },
  ]
) {
  Deno.test(`a convolution in bytes rounds windows and weights, ${JSON.stringify(sizes)}`, async () => {
    const network = networkOf(sizes);
    for (const length of [sizes.kernel, 12, 13]) {
      const x = numbers(CHANNELS * length, (i) => 10 ** (i % length % 4)); // loud and soft frames
      const actual = await states(network, feedOf(x, 1)), expected = byHand(x, network, sizes);
      equal(actual.length, expected.length);
      const most = Math.max(...expected.map(Math.abs));
      expected.forEach((y, i) =>
        ok(Math.abs(y - actual[i]) < 1e-5 * most, `${i} of ${length}: ${actual[i]}, ${y}`)
      );
    }
  });
}

Deno.test("convolutions of a row do not depend on the rows beside it", async () => {
  const network = networkOf({ kernel: 3, stride: 2, padding: 0 }, 2), length = 33, size = CHANNELS * length;
  const x = numbers(3 * size, (i) => 1 + 9 * Math.floor(i / size));
  const together = await states(network, feedOf(x, 3)), each = together.length / 3;
  for (let row = 0; row < 3; row++) {
    const alone = await states(network, feedOf(x.slice(row * size, (row + 1) * size), 1));
    deepEqual([...alone], [...together.subarray(row * each, (row + 1) * each)]);
  }
});

Deno.test("a window with one number that is not finite gives NaN, and no other window does", async () => {
  const sizes = { kernel: 3, stride: 2, padding: 1 }, network = networkOf(sizes), frames = 9, at = 4;
  const x = numbers(CHANNELS * frames), expected = await states(network, feedOf(x, 1));
  for (const channel of [0, 1, 33, CHANNELS - 1]) {
    const some = Float32Array.from(x, (number, i) => i === channel * frames + at ? NaN : number);
    const found = await states(network, feedOf(some, 1)), reached = 2; // frames 3, 4 and 5
    deepEqual([...found], Array.from(expected, (y, i) => Math.floor(i / OUTPUTS) === reached ? NaN : y));
  }
});

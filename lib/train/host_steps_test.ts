import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../compute/mod.ts";
import { disposeParams, dropoutKeys } from "../nn/mod.ts";
import { deepEqual, equal, ok } from "../testing/assert.ts";
import { jsonFixture } from "../testing/shared.ts";
import { clipFactor, globalNorm, hostSteps } from "./host_steps.ts";
import { adamW } from "./optimizer.ts";

interface Case {
  max_norm: number;
  gradients: number[][];
  norm: number;
  clipped: number[][];
}

Deno.test("norm and clipped gradients equal clip_grad_norm_", () => {
  for (const { max_norm, gradients, norm, clipped } of jsonFixture("optim.json").clip_grad_norm as Case[]) {
    const found = globalNorm(gradients.map((g) => Float64Array.from(g)));
    ok(Math.abs(found - norm) <= 1e-12 * Math.max(1, norm), `norm ${found} for ${norm}`);
    const factor = clipFactor(found, max_norm);
    gradients.flat().forEach((g, i) => {
      const want = clipped.flat()[i];
      ok(Math.abs(g * factor - want) <= 1e-12, `${g * factor} for ${want}`);
    });
  }
});

Deno.test("a bound of 0 clips nothing", () => equal(clipFactor(1e9, 0), 1));

/**
 * Trains a matrix that is large enough for helpers. Returns some of its numbers, and Adam's, after each step.
 */
async function numbersWith(threads: number): Promise<number[][]> {
  await useEngine({ threads });
  const weight = tf.variable(tf.fill([2048, 2048], 0.5)), params = { weight };
  const x = { data: Float32Array.from({ length: 2048 }, (_, i) => Math.sin(i)), shape: [1, 2048] };
  using steps = hostSteps({
    loss: (inputs) => tf.sum(tf.square(tf.matMul(inputs.x as tf.Tensor2D, weight as unknown as tf.Tensor2D))),
    params,
    everTrained: ["weight"],
    optimizer: adamW(),
    states: {},
  });
  const found: number[][] = [];
  for (let step = 0; step < 6; step++) {
    const feed = () => ({ inputs: { x }, weight: 1 });
    await steps.update(["weight"], [{ feed, context: { training: true, dropout: dropoutKeys(step, 0) } }], {
      clip: 1,
      ratesOf: () => ({ lr: 0.01, weightDecay: 0.1 }),
      accept: () => {},
    });
    const { slots } = (await steps.states()).weight;
    const arrays = [weight.dataSync(), slots.exp_avg, slots.exp_avg_sq];
    found.push(arrays.flatMap((array) => Array.from({ length: 1000 }, (_, i) => array[4099 * i])));
    await new Promise((resolve) => setTimeout(resolve, 100)); // a helper starts
  }
  disposeParams(params);
  return found;
}

Deno.test("parameters that two threads update equal those of one to the bit", async () => {
  const alone = await numbersWith(1), together = await numbersWith(2);
  ok(alone[5].every((number, i) => Number.isFinite(number) && (number !== alone[0][i] || number === 0)));
  deepEqual(together, alone);
});

import * as tf from "@tensorflow/tfjs-core";
import { ENGINES, useEngine } from "../../compute/mod.ts";
import { disposeParams, dropoutKeys } from "../../nn/mod.ts";
import { equal, notEqual, ok } from "../../testing/assert.ts";
import { testWith } from "../../testing/needs.ts";
import { live, tinyTextFolder } from "../../testing/tiny_encoders.ts";
import { frozenTextEncoder, readTextEncoder } from "./text_encoder.ts";

const still = { training: false, dropout: dropoutKeys(0, 0) };
const folder = await tinyTextFolder();

for (const engine of ENGINES) {
  testWith(
    engine,
    `states are a softmax over layers times these, with the gradient of that, on ${engine}`,
    async () => {
      await useEngine({ engine });
      const encoder = live(await readTextEncoder(folder, "all")), { params } = encoder;
      const inputs = encoder.prepare(["oh my god", "he is so lost today"]);
      params.layer_weights.assign(tf.tensor1d([0.3, -1, 2, 0]));
      const exps = [0.3, -1, 2, 0].map(Math.exp), total = exps.reduce((a, b) => a + b);
      const shares = exps.map((x) => x / total);
      const { states, hiddenStates } = tf.tidy(() => encoder.apply(params, inputs, still));
      const layers = await Promise.all(hiddenStates!.map((h) => h.data())), sum = await states.data();
      sum.forEach((x, i) => {
        const expected = shares.reduce((total, share, l) => total + share * layers[l][i], 0);
        ok(Math.abs(x - expected) < 1e-5);
      });
      // Gradient of the sum of all states: share_l (S_l - sum_k share_k S_k), with S_l the sum of layer l.
      const sums = layers.map((layer) => (layer as Float32Array).reduce((a, b) => a + b, 0));
      const mean = shares.reduce((total, share, l) => total + share * sums[l], 0);
      const { grads, value } = tf.variableGrads(
        () => tf.sum(encoder.apply(params, inputs, still).states) as tf.Scalar,
        [params.layer_weights],
      );
      const gradient = await grads[params.layer_weights.name].data();
      gradient.forEach((g, l) => ok(Math.abs(g - shares[l] * (sums[l] - mean)) < 2e-4, `${g} of layer ${l}`));
      tf.dispose([states, hiddenStates!, grads, value, inputs.ids, inputs.mask]);
      disposeParams(params);
    },
  );
}

Deno.test("before training, the weighted sum is the mean of all layers, with a fingerprint of its own", async () => {
  await useEngine();
  const all = await frozenTextEncoder(`${folder}#all`);
  const layers = await Promise.all([0, 1, 2, 3].map((layer) => frozenTextEncoder(`${folder}#${layer}`)));
  const [mean] = await all.encode(["oh my god"]);
  const parts = await Promise.all(layers.map(async ({ encode }) => (await encode(["oh my god"]))[0]));
  mean.data.forEach((x, i) => ok(Math.abs(x - parts.reduce((sum, { data }) => sum + data[i] / 4, 0)) < 1e-5));
  equal(all.id, `hf:${folder}#all`);
  for (const { fingerprint } of layers) notEqual(all.fingerprint, fingerprint);
});

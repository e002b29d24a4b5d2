/**
 * Compares every head with PyTorch: logits, loss, attention maps and all gradients in
 * lib/testing/fixtures/fusion.
 */
import * as tf from "@tensorflow/tfjs-core";
import * as assert from "../testing/assert.ts";
import { underTest } from "../testing/engines.ts";
import { testWith } from "../testing/needs.ts";
import { ENGINES, useEngine } from "../compute/mod.ts";
import { deviation, forward, gradients, head } from "../conformance/mod.ts";
import { disposeParams } from "../nn/mod.ts";
import { readSafetensors } from "../files/safetensors.ts";
import { fixture, jsonFixture } from "../testing/shared.ts";
import type { FusionInput } from "./fusion.ts";
import { fusionMethod, fusionMethods } from "./mod.ts";
import { HEAD_FIXTURES, variables, withPrefix } from "./testing.ts";

const inputGradients = await readSafetensors(fixture("fusion_input_gradients.safetensors"));

for (const engine of ENGINES) {
  for (const [name, id, options] of HEAD_FIXTURES) {
    testWith(engine, `${name} equals PyTorch on ${engine}`, async () => {
      const { tensors } = await readSafetensors(fixture(`fusion/${name}.safetensors`));
      const { tolerance, hyper_parameters: sizes } = jsonFixture(`fusion/${name}.json`);
      const { name: running, stats, resetStats } = await useEngine(underTest(engine));
      assert.equal(running, engine);
      resetStats();
      const initial = tf.memory();
      const method = head(fusionMethod(id), options);
      const params = variables(withPrefix(tensors, "param."));
      const input = variables(withPrefix(tensors, "input."));
      const batch = {
        text: input.text,
        textMask: input.text_mask,
        audio: input.audio,
        audioMask: input.audio_mask,
      } as unknown as FusionInput;
      const near = async (
        what: string,
        actual: tf.Tensor | undefined,
        expected: Parameters<typeof deviation>[1],
      ) => {
        assert.ok(actual, `${what} is missing`);
        const off = await deviation(actual, expected);
        assert.ok(off <= tolerance.abs, `${what} is ${off} off`);
      };

      const outputs = forward(method, params, batch);
      const { logits, pooled, attention, parts } = outputs;
      const expected = withPrefix(tensors, "output.");
      for (const [key, value] of Object.entries(expected)) {
        if (key === "loss") continue;
        const actual = key === "logits"
          ? logits
          : key === "pooled"
          ? pooled
          : attention?.[key.replace("attention.", "")] ?? parts?.[key];
        await near(key, actual, value);
      }

      const labels = Array.from(tensors["input.labels"].data);
      const grads = gradients(method, params, batch, labels);
      await near("loss", grads.loss, { ...expected.loss, shape: [] });
      const wanted = withPrefix(tensors, "grad.param.");
      assert.deepEqual(Object.keys(params).sort(), Object.keys(wanted).sort());
      for (const [key, value] of Object.entries(wanted)) {
        await near(`gradient of ${key}`, grads.params[key], value);
      }
      for (const side of ["text", "audio"] as const) {
        const value = inputGradients.tensors[`${name}.${side}`];
        if (value) await near(`gradient of ${side}`, grads[side], value);
        else assert.equal(grads[side], undefined, `${name} reads ${side}`);
      }
      const { fallbacks, graphsUsingHost } = stats();
      assert.deepEqual([fallbacks, graphsUsingHost], [{}, 0]);

      const fresh = method.method.init(method.options, {
        text: sizes.dt,
        audio: sizes.da,
        classes: sizes.classes,
      }, 1);
      const shapes = (record: Record<string, { shape: number[] }>) =>
        Object.fromEntries(Object.entries(record).map(([key, { shape }]) => [key, shape]));
      assert.deepEqual(shapes(fresh), shapes(params));

      tf.dispose([outputs, grads]);
      [params, input, fresh].forEach(disposeParams);
      assert.equal(tf.memory().numTensors, initial.numTensors);
      assert.equal(tf.memory().numDataBuffers, initial.numDataBuffers);
    });
  }
}

Deno.test("every built-in method has a PyTorch fixture", () => {
  const compared = new Set(HEAD_FIXTURES.map(([, id]) => fusionMethod(id).id));
  assert.deepEqual(fusionMethods.map(({ id }) => id).filter((id) => !compared.has(id)), []);
});

/** Hidden states and gradients equal PyTorch's, on every engine. */
import * as tf from "@tensorflow/tfjs-core";
import { currentEngine, disposeParams, dropoutKeys, useEngine } from "../../compute/mod.ts";
import { readSafetensors } from "../../files/safetensors.ts";
import * as assert from "../../testing/assert.ts";
import { underTest } from "../../testing/engines.ts";
import { fixture } from "../../testing/shared.ts";
import { readConfig } from "./config.ts";
import { readTextModel, type TextInputs } from "./text_model.ts";

const evaluation = { training: false, dropout: dropoutKeys(0, 0) };

async function load(name: string, layer?: number) {
  const folder = fixture(`encoders/${name}`);
  const model = await readTextModel(folder, await readConfig(folder), layer);
  const { tensors } = await readSafetensors(`${folder}/expected.safetensors`);
  const tensor = (name: string, dtype?: "float32") =>
    tf.tensor(Float32Array.from(tensors[name].data), tensors[name].shape, dtype);
  const inputs: TextInputs = {
    ids: tf.cast(tensor("input.input_ids"), "int32") as tf.Tensor2D,
    mask: tensor("input.attention_mask") as tf.Tensor2D,
  };
  return { model, tensors, inputs, cotangent: tensor("input.cotangent") };
}

/** Largest difference where `mask` is 1. */
async function difference(actual: tf.Tensor3D, expected: ArrayLike<number>, mask: tf.Tensor2D) {
  const values = await actual.data(), real = await mask.data(), width = actual.shape[2];
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    if (real[Math.floor(i / width)]) most = Math.max(most, Math.abs(values[i] - expected[i]));
  }
  return most;
}

for (const engine of ["cpu", "onnx"]) {
  for (const name of ["tiny-bert", "tiny-roberta"]) {
    Deno.test(`all hidden states and gradients of ${name} equal PyTorch's on ${engine}`, async () => {
      await useEngine(underTest(engine));
      const { model: { params, apply }, tensors, inputs, cotangent } = await load(name);
      currentEngine().resetStats();
      const { hiddenStates, states } = tf.tidy(() => apply(params, inputs, evaluation));
      assert.equal(hiddenStates!.length, 4);
      for (const [i, hidden] of hiddenStates!.entries()) {
        const expected = tensors[`output.hidden_states.${i}`].data;
        assert.ok(await difference(hidden, expected, inputs.mask) < 1e-5, `hidden state ${i}`);
      }
      assert.ok(await difference(states, tensors["output.last_hidden"].data, inputs.mask) < 1e-5);

      const { grads, value } = tf.variableGrads(
        () => tf.sum(tf.mul(apply(params, inputs, evaluation).states, cotangent)) as tf.Scalar,
        Object.values(params),
      );
      const expected = Object.keys(tensors).filter((key) => key.startsWith("grad.param."));
      assert.deepEqual(Object.keys(params).sort(), expected.map((key) => key.slice(11)).sort());
      for (const key of expected) {
        const wanted = tensors[key].data as Float32Array;
        const actual = await grads[params[key.slice(11)].name].data();
        const scale = wanted.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
        const most = wanted.reduce((most, x, i) => Math.max(most, Math.abs(x - actual[i])), 0);
        assert.ok(most < 1e-5 * scale, `${key}: ${most} of ${scale}`);
      }
      const { fallbacks, mixedGraphs } = currentEngine().stats();
      assert.deepEqual([fallbacks, mixedGraphs], [{}, 0]);
      tf.dispose([hiddenStates!, grads, value, cotangent, Object.values(inputs)]);
      disposeParams(params);
    });
  }
}

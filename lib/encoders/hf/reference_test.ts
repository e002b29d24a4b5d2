/** Hidden states and gradients equal PyTorch's, on every engine. */
import * as tf from "@tensorflow/tfjs-core";
import { currentEngine, ENGINES, useEngine } from "../../compute/mod.ts";
import { disposeParams, dropoutKeys } from "../../nn/mod.ts";
import { readSafetensors } from "../../files/safetensors.ts";
import * as assert from "../../testing/assert.ts";
import { underTest } from "../../testing/engines.ts";
import { testWith } from "../../testing/needs.ts";
import { requireGradients, requireStates, tensorOf } from "../../testing/reference.ts";
import { fixture } from "../../testing/shared.ts";
import { tinyText, tinyTextModel } from "../../testing/tiny_encoders.ts";
import { paramsFrom } from "../params.ts";
import { type TextInputs, textModel } from "./text_model.ts";
import { transformerShapes } from "./transformer.ts";
import { readWeights } from "./weights.ts";

const evaluation = { training: false, dropout: dropoutKeys(0, 0) };

for (const engine of ENGINES) {
  for (const name of ["tiny-bert", "tiny-roberta", "tiny-xlm-roberta", "tiny-camembert", "tiny-distilbert"]) {
    testWith(engine, `all hidden states and gradients of ${name} equal PyTorch's on ${engine}`, async () => {
      await useEngine(underTest(engine));
      const folder = fixture(`encoders/${name}`);
      const { params, apply } = await tinyTextModel(name);
      const { tensors } = await readSafetensors(`${folder}/expected.safetensors`);
      const inputs: TextInputs = {
        ids: tf.tidy(() => tf.cast(tensorOf(tensors["input.input_ids"]), "int32")),
        mask: tensorOf(tensors["input.attention_mask"]),
      };
      const cotangent = tensorOf(tensors["input.cotangent"]);
      currentEngine().resetStats();
      const { hiddenStates, states } = tf.tidy(() => apply(params, inputs, evaluation));
      assert.equal(hiddenStates!.length, 4);
      for (const [i, hidden] of hiddenStates!.entries()) {
        const expected = tensors[`output.hidden_states.${i}`].data;
        await requireStates(hidden, expected, inputs.mask, `hidden state ${i}`);
      }
      await requireStates(states, tensors["output.last_hidden"].data, inputs.mask, "last");
      await requireGradients(
        () => tf.sum(tf.mul(apply(params, inputs, evaluation).states, cotangent)),
        params,
        tensors,
      );
      const { fallbacks, graphsUsingHost } = currentEngine().stats();
      assert.deepEqual([fallbacks, graphsUsingHost], [{}, 0]);
      tf.dispose([hiddenStates!, cotangent, Object.values(inputs)]);
      disposeParams(params);
    });
  }
}

const REFERENCES = {
  gelu_python: "output",
  gelu_new: "gelu_new",
  gelu_fast: "gelu_new",
  gelu_accurate: "gelu_new",
  gelu_pytorch_tanh: "gelu_new",
  relu: "relu",
} as const;
for (const engine of ENGINES) {
  testWith(engine, `states of tiny-bert with another activation equal PyTorch's on ${engine}`, async () => {
    await useEngine(underTest(engine));
    const folder = fixture("encoders/tiny-bert"), { family, config } = tinyText("tiny-bert");
    const { tensors: given } = await readSafetensors(`${folder}/expected.safetensors`);
    const { tensors: others } = await readSafetensors(`${folder}/activations.safetensors`);
    const weights = await readWeights(folder, family.prefix, transformerShapes(config));
    const inputs: TextInputs = {
      ids: tf.tidy(() => tf.cast(tensorOf(given["input.input_ids"]), "int32")),
      mask: tensorOf(given["input.attention_mask"]),
    };
    for (const [hidden_act, reference] of Object.entries(REFERENCES)) {
      const changed = { ...config, hidden_act: hidden_act as keyof typeof REFERENCES };
      const params = paramsFrom(weights), { apply } = textModel({ family, config: changed });
      const { states } = tf.tidy(() => apply(params, inputs, evaluation));
      const expected = { ...given, ...others }[`${reference}.last_hidden`].data;
      await requireStates(states, expected, inputs.mask, hidden_act);
      const { grads } = tf.variableGrads(
        () => tf.sum(apply(params, inputs, evaluation).states),
        Object.values(params),
      );
      assert.deepEqual(currentEngine().stats().fallbacks, {});
      tf.dispose([states, grads]);
      disposeParams(params);
    }
    tf.dispose(Object.values(inputs));
  });
}

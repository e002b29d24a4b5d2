/** Hidden states and gradients equal PyTorch's, on every engine. */
import * as tf from "@tensorflow/tfjs-core";
import { currentEngine, useEngine } from "../../compute/mod.ts";
import { disposeParams, dropoutKeys } from "../../nn/mod.ts";
import { readSafetensors } from "../../files/safetensors.ts";
import * as assert from "../../testing/assert.ts";
import { enginesHere, underTest } from "../../testing/engines.ts";
import { requireGradients, requireStates, tensorOf } from "../../testing/reference.ts";
import { fixture } from "../../testing/shared.ts";
import { tinyTextModel } from "../../testing/tiny_encoders.ts";
import type { TextInputs } from "./text_model.ts";

const evaluation = { training: false, dropout: dropoutKeys(0, 0) };

for (const engine of enginesHere) {
  for (const name of ["tiny-bert", "tiny-roberta"]) {
    Deno.test(`all hidden states and gradients of ${name} equal PyTorch's on ${engine}`, async () => {
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
      const { fallbacks, mixedGraphs } = currentEngine().stats();
      assert.deepEqual([fallbacks, mixedGraphs], [{}, 0]);
      tf.dispose([hiddenStates!, cotangent, Object.values(inputs)]);
      disposeParams(params);
    });
  }
}

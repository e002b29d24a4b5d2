/** Hidden states and gradients of Whisper's encoder equal PyTorch's, on every engine. */
import * as tf from "@tensorflow/tfjs-core";
import { currentEngine, ENGINES, useEngine } from "../../../../compute/mod.ts";
import { readSafetensors } from "../../../../files/safetensors.ts";
import { disposeParams, dropoutKeys } from "../../../../nn/mod.ts";
import * as assert from "../../../../testing/assert.ts";
import { underTest } from "../../../../testing/engines.ts";
import { testWith } from "../../../../testing/needs.ts";
import { requireGradients, requireStates, tensorOf } from "../../../../testing/reference.ts";
import { fixture } from "../../../../testing/shared.ts";
import { live } from "../../../../testing/tiny_encoders.ts";
import { readWhisper } from "./encoder.ts";

const { tensors } = await readSafetensors(fixture("encoders/tiny-whisper/expected.safetensors"));
const evaluation = { training: false, dropout: dropoutKeys(0, 0) };

for (const engine of ENGINES) {
  testWith(
    engine,
    `all hidden states and gradients of tiny-whisper equal PyTorch's on ${engine}`,
    async () => {
      await useEngine(underTest(engine));
      const { params, apply } = live(await readWhisper(fixture("encoders/tiny-whisper")));
      const inputs = {
        features: tensorOf<tf.Tensor3D>(tensors["output.features"]),
        mask: tensorOf<tf.Tensor2D>(tensors["output.mask"]),
      };
      const cotangent = tensorOf(tensors["input.cotangent"]);
      currentEngine().resetStats();
      const { hiddenStates } = tf.tidy(() => apply(params, inputs, evaluation));
      assert.equal(hiddenStates!.length, 4);
      const everywhere = tf.onesLike(inputs.mask); // padding is attended to, so its states are equal, too
      for (const [i, hidden] of hiddenStates!.entries()) {
        await requireStates(
          hidden,
          tensors[`output.hidden_states.${i}`].data,
          everywhere,
          `hidden state ${i}`,
        );
      }
      const { "encoder.embed_positions.weight": positions, ...trained } = params;
      const loss = () => tf.sum(tf.mul(apply(params, inputs, evaluation).states, cotangent)) as tf.Scalar;
      await requireGradients(loss, trained, tensors);
      const { value, grads } = tf.variableGrads(loss, Object.values(params));
      assert.equal(Object.keys(grads).length, Object.keys(trained).length, "positions are not trained");
      const { fallbacks, graphsUsingHost } = currentEngine().stats();
      assert.deepEqual([fallbacks, graphsUsingHost], [{}, 0]);
      tf.dispose([hiddenStates!, cotangent, everywhere, Object.values(inputs), value, grads, positions]);
      disposeParams(trained);
    },
  );
}

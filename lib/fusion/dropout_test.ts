/**
 * Each built-in method has two dropout rates. Each rate works on its own; at rate 0, training equals
 * inference.
 */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../compute/mod.ts";
import { batchOf, forward, type Head, head, randomRows, training, withParams } from "../conformance/mod.ts";
import * as assert from "../testing/assert.ts";
import { fusionMethods } from "./mod.ts";

const SIZES = { text: 12, audio: 8, classes: 3 };

for (const method of fusionMethods) {
  Deno.test(`${method.id}: each rate works on its own, and rates of 0 drop nothing`, async () => {
    await useEngine({ engine: "cpu" });
    const at = (rates: Record<string, number>) => head(method, { dropout: 0, input_dropout: 0, ...rates });
    const input = batchOf(randomRows(3, [[5, 7], [1, 1], [3, 9]], [SIZES.text, SIZES.audio]), [12, 8]);
    await withParams(at({}), SIZES, async (params) => {
      const logits = async (of: Head, seed?: number) => {
        const answer = forward(of, params, input, seed === undefined ? undefined : training(seed));
        return Array.from(await answer.logits.data());
      };
      const plain = await logits(at({}));
      assert.deepEqual(await logits(at({}), 1), plain);
      for (const rate of ["dropout", "input_dropout"]) {
        assert.deepEqual(await logits(at({ [rate]: 0.5 })), plain);
        assert.notDeepEqual(await logits(at({ [rate]: 0.5 }), 1), await logits(at({ [rate]: 0.5 }), 2), rate);
      }
    });
    tf.dispose(Object.values(input));
  });
}

import * as tf from "@tensorflow/tfjs-core";
import { type Feed, hostValues, toTensors } from "../compute/mod.ts";
import { dropoutKeys, type ForwardContext, type Params } from "../nn/mod.ts";
import type { NetworkEncoder, Preprocess, Row, Sequence } from "./encoder.ts";

const still: ForwardContext = { training: false, dropout: dropoutKeys(0, 0) };

/**
 * Computes the hidden states of rows with an encoder's current parameters. Rows of similar length share a
 * batch.
 */
export async function encodeRows<Inputs extends tf.NamedTensorMap>(
  { apply, params, preprocess: { pad, batchSize } }: Pick<NetworkEncoder<never, Inputs>, "apply"> & {
    params: Params;
    preprocess: Pick<Preprocess<never>, "pad" | "batchSize">;
  },
  rows: readonly Row[],
): Promise<Sequence[]> {
  const order = rows.map((_, i) => i).sort((a, b) => rows[a].length - rows[b].length);
  const sequences: Sequence[] = new Array(rows.length);
  for (let first = 0; first < order.length; first += batchSize) {
    const group = order.slice(first, first + batchSize);
    const { states, mask } = tf.tidy(() => {
      const inputs = tensorsOf<Inputs>(pad(group.map((i) => rows[i])));
      const { states, mask } = apply(params, inputs, still);
      return { states, mask };
    });
    const [, length, width] = states.shape;
    const data = await hostValues(states), real = await hostValues(mask);
    group.forEach((i, k) => {
      const start = k * length * width;
      const own = real.subarray(k * length, (k + 1) * length).reduce((sum, m) => sum + m, 0);
      sequences[i] = { data: data.slice(start, start + own * width), length: own, width };
    });
    tf.dispose([states, mask]);
  }
  return sequences;
}

/** Turns a padded batch into tensors. */
export const tensorsOf = <Inputs extends tf.NamedTensorMap>(feed: Feed): Inputs => toTensors(feed) as Inputs;

/** Models as they are now, for the feature cache. */
import * as tf from "@tensorflow/tfjs-core";
import {
  disposeParams,
  dropoutKeys,
  type ForwardContext,
  hostValues,
  type Params,
} from "../../compute/mod.ts";
import type { Sequence } from "../encoder.ts";
import { fingerprint } from "../fingerprint.ts";
import type { Model } from "./trainable.ts";
import { paramsFrom, type Weights } from "./weights.ts";

/** Part of the fingerprint: raise it when the same files give other states. */
const VERSION = "1";

const frozen: ForwardContext = { training: false, dropout: dropoutKeys(0, 0) };

/** A copy of parameters that outlives them, and the engine they are on. */
export async function snapshot(params: Params): Promise<Weights> {
  const weights: Weights = {};
  for (const name in params) {
    weights[name] = { shape: params[name].shape, data: (await hostValues(params[name])).slice() };
  }
  return weights;
}

/** Sequences of rows, at most `most` of about the same length in a forward pass. */
export async function encodeRows<Row extends ArrayLike<number>, Inputs extends tf.NamedTensorMap>(
  apply: Model<Inputs>["apply"],
  weights: Weights,
  rows: readonly Row[],
  pad: (rows: readonly Row[]) => Inputs,
  most: number,
): Promise<Sequence[]> {
  const params = paramsFrom(weights);
  const order = rows.map((_, i) => i).sort((a, b) => rows[a].length - rows[b].length);
  const sequences: Sequence[] = new Array(rows.length);
  try {
    for (let first = 0; first < order.length; first += most) {
      const group = order.slice(first, first + most);
      const { states, mask } = tf.tidy(() => {
        const { states, mask } = apply(params, pad(group.map((i) => rows[i])), frozen);
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
  } finally {
    disposeParams(params);
  }
  return sequences;
}

/** Names what a model does to an input: its weights, configuration, preprocessing and choice of layer. */
export function fingerprintOf(
  { family, config, layer }: Pick<Model<never>, "family" | "config" | "layer">,
  weights: Weights,
  preprocessing: string,
): string {
  const parts: (string | Uint8Array)[] = [
    VERSION,
    family.id,
    JSON.stringify(config),
    `${layer}`,
    preprocessing,
  ];
  for (const [name, { data }] of Object.entries(weights)) {
    parts.push(name, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return fingerprint(...parts);
}

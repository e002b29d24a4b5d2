/** Models as they are now, for the feature cache. */
import * as tf from "@tensorflow/tfjs-core";
import {
  dropoutKeys,
  type Feed,
  type ForwardContext,
  hostValues,
  type Params,
  toTensor,
} from "../../compute/mod.ts";
import type { Row, Sequence } from "../encoder.ts";
import { fingerprint } from "../fingerprint.ts";
import type { Model } from "./trainable.ts";
import type { Weights } from "./weights.ts";

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

/** Sequences of rows by these parameters, at most `most` rows of about the same length in a forward pass. */
export async function encodeRows<Inputs extends tf.NamedTensorMap>(
  { apply, params }: Pick<Model<Inputs>, "apply" | "params">,
  rows: readonly Row[],
  pad: (rows: readonly Row[]) => Feed,
  most: number,
): Promise<Sequence[]> {
  const order = rows.map((_, i) => i).sort((a, b) => rows[a].length - rows[b].length);
  const sequences: Sequence[] = new Array(rows.length);
  for (let first = 0; first < order.length; first += most) {
    const group = order.slice(first, first + most);
    const { states, mask } = tf.tidy(() => {
      const inputs = tensorsOf<Inputs>(pad(group.map((i) => rows[i])));
      const { states, mask } = apply(params, inputs, frozen);
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

/** A batch's numbers as tensors. */
export const tensorsOf = <Inputs extends tf.NamedTensorMap>(feed: Feed): Inputs =>
  Object.fromEntries(Object.entries(feed).map(([name, given]) => [name, toTensor(given)])) as Inputs;

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

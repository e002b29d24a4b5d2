/** Text models as they are now, for the feature cache. */
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
import { paramsFrom, type TextInputs, type TextModel, type Weights } from "./text_model.ts";

/** Rows of one forward pass. */
const ROWS = 32;
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

/** Sequences of tokenised texts, in groups of about the same length. */
export async function encodeRows(
  apply: TextModel["apply"],
  weights: Weights,
  rows: readonly number[][],
  pad: (rows: readonly number[][]) => TextInputs,
): Promise<Sequence[]> {
  const params = paramsFrom(weights);
  const order = rows.map((_, i) => i).sort((a, b) => rows[a].length - rows[b].length);
  const sequences: Sequence[] = new Array(rows.length);
  try {
    for (let first = 0; first < order.length; first += ROWS) {
      const group = order.slice(first, first + ROWS);
      const states = tf.tidy(() => apply(params, pad(group.map((i) => rows[i])), frozen).states);
      const [, length, width] = states.shape;
      const data = await hostValues(states);
      group.forEach((i, k) => {
        const start = k * length * width, own = rows[i].length;
        sequences[i] = { data: data.slice(start, start + own * width), length: own, width };
      });
      states.dispose();
    }
  } finally {
    disposeParams(params);
  }
  return sequences;
}

/** Names what a model does to a text: its weights, configuration, tokenizer and choice of layer. */
export function fingerprintOf(
  { family, config, layer }: TextModel,
  weights: Weights,
  tokenizer: string,
): string {
  const parts: (string | Uint8Array)[] = [VERSION, family.id, JSON.stringify(config), `${layer}`, tokenizer];
  for (const [name, { data }] of Object.entries(weights)) {
    parts.push(name, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return fingerprint(...parts);
}

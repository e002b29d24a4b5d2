/** Text models as they are now, for the feature cache. */
import * as tf from "@tensorflow/tfjs-core";
import { dropoutKeys, type ForwardContext, hostValues } from "../../compute/mod.ts";
import type { Sequence } from "../encoder.ts";
import { fingerprint } from "../fingerprint.ts";
import type { TextInputs, TextModel } from "./text_model.ts";

/** Rows of one forward pass. */
const ROWS = 32;
/** Part of the fingerprint: raise it when the same files give other states. */
const VERSION = "1";

const frozen: ForwardContext = { training: false, dropout: dropoutKeys(0, 0) };

/** Sequences of tokenised texts, in groups of about the same length. */
export async function encodeRows(
  { params, apply }: TextModel,
  rows: readonly number[][],
  pad: (rows: readonly number[][]) => TextInputs,
): Promise<Sequence[]> {
  const order = rows.map((_, i) => i).sort((a, b) => rows[a].length - rows[b].length);
  const sequences: Sequence[] = new Array(rows.length);
  for (let first = 0; first < order.length; first += ROWS) {
    const group = order.slice(first, first + ROWS);
    const inputs = pad(group.map((i) => rows[i]));
    const states = tf.tidy(() => apply(params, inputs, frozen).states);
    const [, length, width] = states.shape;
    const data = await hostValues(states);
    group.forEach((i, k) => {
      const start = k * length * width, own = rows[i].length;
      sequences[i] = { data: data.slice(start, start + own * width), length: own, width };
    });
    tf.dispose([states, inputs.ids, inputs.mask]);
  }
  return sequences;
}

/** Names what a model does to a text: its weights, configuration, tokenizer and choice of layer. */
export async function fingerprintOf(
  { family, config, params, layer }: TextModel,
  tokenizer: string,
): Promise<string> {
  const parts: (string | Uint8Array)[] = [VERSION, family.id, JSON.stringify(config), `${layer}`, tokenizer];
  for (const name in params) {
    const { buffer, byteOffset, byteLength } = await hostValues(params[name]);
    parts.push(name, new Uint8Array(buffer, byteOffset, byteLength));
  }
  return fingerprint(...parts);
}

import * as tf from "@tensorflow/tfjs-core";
import { type Feed, hostValues, toTensors } from "../compute/mod.ts";
import { dropoutKeys, type ForwardContext, type Params } from "../nn/mod.ts";
import type { NetworkEncoder, Preprocess, Row, Sequence } from "./encoder.ts";

const still: ForwardContext = { training: false, dropout: dropoutKeys(0, 0) };

/** The parts of an encoder that compute states, with its current parameters. */
type Computing<Inputs extends tf.NamedTensorMap> =
  & Pick<NetworkEncoder<never, Inputs>, "apply" | "piece" | "windows">
  & { params: Params; preprocess: Pick<Preprocess<never>, "pad" | "batchSize" | "passOf" | "statesOf"> };

/**
 * Computes the hidden states of rows with an encoder's current parameters. Rows of similar length share a
 * batch. A row of more than `piece` states is computed in windows.
 */
export async function encodeRows<Inputs extends tf.NamedTensorMap>(
  encoder: Computing<Inputs>,
  rows: readonly Row[],
): Promise<Sequence[]> {
  const { apply, params, windows, piece = Infinity, preprocess } = encoder, { pad, statesOf } = preprocess;
  const sequences: Sequence[] = new Array(rows.length), order: number[] = [];
  for (const [i, row] of rows.entries()) {
    if (windows && statesOf(row) > piece) sequences[i] = await encodeWindows(encoder, row);
    else order.push(i);
  }
  order.sort((a, b) => rows[a].length - rows[b].length);
  for (const group of passesOf(order, rows, preprocess)) {
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

/** Divides rows, in the order of their lengths, into passes. */
function passesOf(
  order: readonly number[],
  rows: readonly Row[],
  { batchSize, passOf = () => ({ key: 0, rows: batchSize, whole: false }) }: Computing<never>["preprocess"],
): number[][] {
  const passes: number[][] = [];
  for (let first = 0; first < order.length;) {
    const { key, rows: most, whole } = passOf(rows[order[first]]);
    let end = first + 1;
    while (end < order.length && end - first < most && passOf(rows[order[end]]).key === key) end++;
    const count = whole && end - first < most ? 1 : end - first;
    passes.push(order.slice(first, first + count));
    first += count;
  }
  return passes;
}

/** Computes the states of a long row: those that each of its windows keeps, one after the other. */
async function encodeWindows<Inputs extends tf.NamedTensorMap>(
  { apply, params, windows, preprocess: { statesOf } }: Computing<Inputs>,
  row: Row,
): Promise<Sequence> {
  const length = statesOf(row);
  let data = new Float32Array(0), width = 0;
  for await (const { feed, window: { start, from, to } } of windows!(row, params)) {
    const states = tf.tidy(() => apply(params, tensorsOf<Inputs>(feed), still).states);
    width = states.shape[2];
    if (from === 0) data = new Float32Array(length * width);
    const computed = await hostValues(states);
    data.set(computed.subarray((from - start) * width, (to - start) * width), from * width);
    tf.dispose(states);
  }
  return { data, length, width };
}

/** Turns a padded batch into tensors. */
export const tensorsOf = <Inputs extends tf.NamedTensorMap>(feed: Feed): Inputs => toTensors(feed) as Inputs;

import * as tf from "@tensorflow/tfjs-core";
import { type Feed, hostValues, toTensors } from "../compute/mod.ts";
import { dropoutKeys, type ForwardContext, type Params } from "../nn/mod.ts";
import type { NetworkEncoder, Preprocess, Row, Sequence, WeightReader } from "./encoder.ts";

const still: ForwardContext = { training: false, dropout: dropoutKeys(0, 0) };

/** The parts of an encoder that prepare its passes. */
type Preparing = Pick<NetworkEncoder<never>, "piece" | "windows"> & {
  preprocess: Pick<Preprocess<never>, "pad" | "batchSize" | "passOf" | "statesOf">;
};

/** The parts of an encoder that compute states, with its current parameters. */
type Computing<Inputs extends tf.NamedTensorMap> =
  & Pick<NetworkEncoder<never, Inputs>, "apply">
  & Preparing
  & { params: Params };

/** Computes one pass: the states `[B,length,width]` and the mask `[B,length]`. */
export type Pass = (
  feed: Feed,
) => Promise<{ states: Float32Array; mask: Float32Array; length: number; width: number }>;

/**
 * Computes the hidden states of rows with an encoder's current parameters. Rows of similar length share a
 * batch. A row of more than `piece` states is computed in windows.
 */
export function encodeRows<Inputs extends tf.NamedTensorMap>(
  { apply, params, ...encoder }: Computing<Inputs>,
  rows: readonly Row[],
): Promise<Sequence[]> {
  const pass: Pass = async (feed) => {
    const { states, mask } = tf.tidy(() => {
      const { states, mask } = apply(params, tensorsOf<Inputs>(feed), still);
      return { states, mask };
    });
    const [, length, width] = states.shape;
    const computed = { states: await hostValues(states), mask: await hostValues(mask), length, width };
    tf.dispose([states, mask]);
    return computed;
  };
  return encodeInPasses(pass, encoder, (name) => hostValues(params[name]), rows);
}

/** Computes the hidden states of rows as `encodeRows` does, by another way to compute a pass. */
export async function encodeInPasses(
  pass: Pass,
  { windows, piece = Infinity, preprocess }: Preparing,
  weight: WeightReader,
  rows: readonly Row[],
): Promise<Sequence[]> {
  const { pad, statesOf } = preprocess;
  const sequences: Sequence[] = new Array(rows.length), order: number[] = [];
  for (const [i, row] of rows.entries()) {
    if (windows && statesOf(row) > piece) {
      sequences[i] = await encodeWindows(pass, windows(row, weight), statesOf(row));
    } else order.push(i);
  }
  order.sort((a, b) => rows[b].length - rows[a].length); // the first row of a pass tells its padding
  for (const group of passesOf(order, rows, preprocess)) {
    const { states, mask, length, width } = await pass(pad(group.map((i) => rows[i])));
    group.forEach((i, k) => {
      const start = k * length * width;
      const own = mask.subarray(k * length, (k + 1) * length).reduce((sum, m) => sum + m, 0);
      sequences[i] = { data: states.slice(start, start + own * width), length: own, width };
    });
  }
  return sequences;
}

/** Divides rows, the longest first, into passes. */
function passesOf(
  order: readonly number[],
  rows: readonly Row[],
  { batchSize, passOf = () => ({ key: 0, rows: batchSize, whole: false }) }: Preparing["preprocess"],
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

/** Computes the `length` states of a long row: those that each of its windows keeps, one after the other. */
async function encodeWindows(
  pass: Pass,
  windows: ReturnType<NonNullable<Preparing["windows"]>>,
  length: number,
): Promise<Sequence> {
  let data = new Float32Array(0), width = 0;
  for await (const { feed, window: { start, from, to } } of windows) {
    const computed = await pass(feed);
    width = computed.width;
    if (from === 0) data = new Float32Array(length * width);
    data.set(computed.states.subarray((from - start) * width, (to - start) * width), from * width);
  }
  return { data, length, width };
}

/** Turns a padded batch into tensors. */
export const tensorsOf = <Inputs extends tf.NamedTensorMap>(feed: Feed): Inputs => toTensors(feed) as Inputs;

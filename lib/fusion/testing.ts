/** What the tests of the heads share: fixtures and random batches as inputs, and loss with all gradients. */
import * as tf from "@tensorflow/tfjs-core";
import { dropoutKeys, type Params } from "../nn/mod.ts";
import type { RawTensor } from "../files/safetensors.ts";
import { random, seedOf } from "../random.ts";
import type { ForwardContext, FusionInput, FusionMethod, FusionOutput } from "./fusion.ts";

export const evaluation: ForwardContext = { training: false, dropout: dropoutKeys(0, 0) };

export const training = (seed: number): ForwardContext => ({ training: true, dropout: dropoutKeys(seed, 0) });

/** The arrays of a fixture whose name starts with `prefix`, keyed by the rest of it. */
export const withPrefix = (tensors: Record<string, RawTensor>, prefix: string): Record<string, RawTensor> =>
  Object.fromEntries(
    Object.entries(tensors).filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );

export const variables = (tensors: Record<string, RawTensor>): Params =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [
      name,
      tf.tidy(() => tf.variable(tf.tensor(Float32Array.from(data), shape))),
    ]),
  );

/** One utterance as plain numbers. */
export interface Row {
  text: number[][];
  audio: number[][];
}

/** Rows of these lengths, 0 for a missing modality. */
export function randomRows(seed: number, lengths: [number, number][], widths: [number, number]): Row[] {
  return lengths.map(([text, audio], i) => {
    const { normal } = random(seedOf(seed, i));
    const states = (length: number, width: number) =>
      Array.from({ length }, () => Array.from({ length: width }, normal));
    return { text: states(text, widths[0]), audio: states(audio, widths[1]) };
  });
}

/** Rows as a padded batch; the padding (`extra` positions beyond the longest) holds random content. */
export function batchOf(rows: Row[], widths: [number, number], extra = 0, seed = 0): FusionInput {
  const { normal } = random(seedOf(seed, "padding"));
  const pad = (side: "text" | "audio", width: number) => {
    const length = Math.max(1, ...rows.map((row) => row[side].length)) + extra;
    const states = rows.map((row) =>
      Array.from(
        { length },
        (_, t) => row[side][t] ?? Array.from({ length: width }, () => 3 * normal()),
      )
    );
    const mask = rows.map((row) => Array.from({ length }, (_, t) => t < row[side].length ? 1 : 0));
    return { states: tf.tensor3d(states), mask: tf.tensor2d(mask) };
  };
  const text = pad("text", widths[0]), audio = pad("audio", widths[1]);
  return { text: text.states, textMask: text.mask, audio: audio.states, audioMask: audio.mask };
}

/** A head with its options resolved. */
export interface Head {
  method: FusionMethod;
  options: Record<string, unknown>;
}

export const head = (method: FusionMethod, options: Record<string, unknown> = {}): Head => ({
  method,
  options: method.options.parse(options),
});

export const forward = (
  { method, options }: Head,
  params: Params,
  input: FusionInput,
  context = evaluation,
): FusionOutput => tf.tidy(() => method.apply(params, input, options, context));

export type Gradients = {
  loss: tf.Scalar;
  params: Record<string, tf.Tensor>;
  text?: tf.Tensor;
  audio?: tf.Tensor;
};

/** Mean cross-entropy of the labels, and its gradient by every parameter and by both inputs. */
export function gradients(
  { method, options }: Head,
  params: Params,
  input: FusionInput,
  labels: number[],
  context = evaluation,
): Gradients {
  const text = tf.variable(input.text), audio = tf.variable(input.audio);
  const classes = tf.tensor1d(labels, "int32");
  const { value, grads } = tf.variableGrads(() => {
    const { logits } = method.apply(params, { ...input, text, audio }, options, context);
    const target = tf.oneHot(classes, logits.shape[1]);
    return tf.neg(tf.mean(tf.sum(tf.mul(target, tf.logSoftmax(logits)), 1)));
  }, [...Object.values(params), text, audio]);
  const result: Gradients = { loss: value, params: {}, text: grads[text.name], audio: grads[audio.name] };
  for (const name in params) {
    if (params[name].name in grads) result.params[name] = grads[params[name].name];
  }
  tf.dispose([text, audio, classes]);
  return result;
}

/** Largest deviation, absolute or relative, whichever is smaller; infinite where shapes differ or a value is not finite. */
export async function deviation(actual: tf.Tensor, expected: RawTensor | tf.Tensor): Promise<number> {
  const wanted = expected instanceof tf.Tensor ? await expected.data() : expected.data;
  const got = await actual.data();
  if (actual.shape.join() !== expected.shape.join()) return Infinity;
  let worst = 0;
  for (let i = 0; i < got.length; i++) {
    const off = Math.abs(got[i] - wanted[i]) / Math.max(1, Math.abs(wanted[i]));
    worst = Number.isFinite(off) ? Math.max(worst, off) : Infinity;
  }
  return worst;
}

const MEMOCMT = { width: 16, heads: 4, hidden: 8 };

/** Every fixture of a head, with its method and options. */
export const HEAD_FIXTURES: readonly [fixture: string, method: string, options: Record<string, unknown>][] = [
  ["text_only", "text_only", {}],
  ["audio_only", "audio_only", {}],
  ["late_fusion", "late_fusion", {}],
  ["gated_multimodal_unit", "gmu", { width: 16 }],
  ["low_rank_fusion", "lmf", { rank: 4 }],
  ["early_fusion", "early_fusion", {}],
  ["attention_pooling", "attention_pooling", {}],
  ["fine_grained", "fine_grained", { width: 16, heads: 4 }],
  ["memocmt_cls", "memocmt", { ...MEMOCMT, aggregation: "cls" }],
  ["memocmt_max", "memocmt", { ...MEMOCMT, aggregation: "max" }],
  ["memocmt_mean", "memocmt", { ...MEMOCMT, aggregation: "mean" }],
  ["memocmt_min", "memocmt", { heads: 4, hidden: 8 }],
  ["memocmt_min_projected", "memocmt", MEMOCMT],
];

/** Helpers that the tests of the heads share: reference fixtures, and their arrays as tensors. */
import * as tf from "@tensorflow/tfjs-core";
import type { RawTensor } from "../files/safetensors.ts";
import type { Params } from "../nn/mod.ts";

/** Returns the arrays whose name starts with `prefix`, keyed by the rest of the name. */
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

const MEMOCMT = { width: 16, heads: 4, hidden: 8 };

/** Every head fixture, with its method and options. */
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

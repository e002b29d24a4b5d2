/** Compares tensors with those of a reference implementation. */
import * as tf from "@tensorflow/tfjs-core";
import type { Params } from "../nn/mod.ts";
import type { RawTensor } from "../files/safetensors.ts";
import { deepEqual, ok } from "./assert.ts";

/** Returns a tensor of a fixture as float32. */
export const tensorOf = <T extends tf.Tensor>({ data, shape }: RawTensor): T =>
  tf.tensor(Float32Array.from(data), shape, "float32") as T;

/** Asserts that `actual [B,L,D]` equals `expected` within 1e-5 at positions where `mask [B,L]` is 1. */
export async function requireStates(
  actual: tf.Tensor3D,
  expected: ArrayLike<number>,
  mask: tf.Tensor2D,
  what: string,
): Promise<void> {
  const values = await actual.data(), real = await mask.data(), width = actual.shape[2];
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    if (real[Math.floor(i / width)]) most = Math.max(most, Math.abs(values[i] - expected[i]));
  }
  ok(most < 1e-5, `${what}: ${most}`);
}

/**
 * Asserts that the gradients of a scalar `f` equal those in `tensors` (named `grad.param.<name>`), and that
 * the same parameters have one. The tolerance is 1e-5 of each gradient's largest entry, or of 1 if that is
 * larger.
 */
export async function requireGradients(
  f: () => tf.Tensor,
  params: Params,
  tensors: Record<string, RawTensor>,
): Promise<void> {
  const { grads, value } = tf.variableGrads(f as () => tf.Scalar, Object.values(params));
  const expected = Object.keys(tensors).filter((key) => key.startsWith("grad.param."));
  const names = Object.keys(params).filter((name) => grads[params[name].name]);
  deepEqual(names.sort(), expected.map((key) => key.slice(11)).sort());
  for (const key of expected) {
    const wanted = tensors[key].data as Float32Array;
    const actual = await grads[params[key.slice(11)].name].data();
    const scale = wanted.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
    const most = wanted.reduce((most, x, i) => Math.max(most, Math.abs(x - actual[i])), 0);
    ok(most < 1e-5 * scale, `${key}: ${most} of ${scale}`);
  }
  tf.dispose([grads, value]);
}

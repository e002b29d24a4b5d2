/** Runs kernels that have no node yet on plain TensorFlow.js, and counts them. */
import * as tf from "@tensorflow/tfjs-core";
import { compositionOf } from "../ops/composed.ts";
import type { OnnxBackend } from "./backend.ts";
import type { HostArray } from "./value.ts";

type Infos = Record<string, tf.TensorInfo | undefined>;

/** The plain cpu backend. */
interface CpuBackend extends tf.KernelBackend {
  disposeIntermediateTensorInfo(info: tf.TensorInfo): void;
}

/**
 * Runs one kernel of the cpu backend on values of this one. `counted` marks a missing kernel rather than a
 * choice. Our own kernels are composed from other ops instead, each of which may have a node.
 */
export function runOnCpu(
  kernelName: string,
  inputs: Infos,
  attrs: object | undefined,
  backend: OnnxBackend,
  counted: boolean,
): tf.TensorInfo | tf.TensorInfo[] {
  const compose = compositionOf(kernelName);
  if (compose) return tf.tidy(() => compose(inputs as Record<string, tf.Tensor>, attrs ?? {}));
  const config = tf.getKernel(kernelName, "cpu");
  if (!config) throw new Error(`The cpu backend has no kernel ${kernelName} either.`);
  if (counted) {
    const { fallbacks } = backend.stats;
    fallbacks[kernelName] = (fallbacks[kernelName] ?? 0) + 1;
  }
  const cpu = tf.findBackend("cpu") as CpuBackend;
  const buffers = new Set<unknown>();
  const down = ({ dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo => {
    const values = backend.hostArray(dataId);
    buffers.add(values.buffer);
    return { dataId: cpu.write(values, shape, dtype), shape, dtype };
  };
  const up = ({ dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo => {
    const values = cpu.readSync(dataId) as HostArray;
    // Some kernels return views of their inputs.
    const own = buffers.has(values.buffer) ? values.slice() : values;
    return { dataId: backend.write(own, shape, dtype), shape, dtype };
  };
  const given = (Array.isArray(inputs) ? [] : {}) as Record<string, tf.TensorInfo>;
  for (const name in inputs) if (inputs[name]) given[name] = down(inputs[name]);
  const made = config.kernelFunc({ inputs: given, attrs: attrs as tf.NamedAttrMap, backend: cpu });
  const result = Array.isArray(made) ? made.map(up) : up(made);
  for (const info of [made].flat().concat(Object.values(given))) cpu.disposeIntermediateTensorInfo(info);
  return result;
}

/** Turns kernels of TensorFlow.js into nodes of the pending graph. */
import * as tf from "@tensorflow/tfjs-core";
import type { OnnxBackend } from "./backend.ts";
import { runOnCpu } from "./fallback.ts";
import type { Graph } from "./graph.ts";
import { int64s, sameShape, sizeOf, type Value } from "./value.ts";

export const BACKEND = "onnx";

/** An input: a value, and the tensor's shape, which may differ from the value's. */
export interface Input {
  value: Value;
  shape: number[];
  dtype: tf.DataType;
}

/** A result. Its shape is the value's unless given. */
export type Result = Value | { value: Value; shape: readonly number[] };

// deno-lint-ignore no-explicit-any
type Attributes = Record<string, any>;
type Inputs = Record<string, Input> & { list: Input[] };

/** Records a kernel call and returns its result. Returns undefined if no node supports these attributes. */
export type Kernel = (graph: Graph, inputs: Inputs, attributes: Attributes) => Result | Result[] | undefined;

/**
 * Integer inputs up to this size count as shape arithmetic: the host computes them at once, so that reading
 * them costs no flush.
 */
const SMALL = 256;

/** Input types of kernels; calls with other types run on the cpu backend. */
export const FLOAT: readonly tf.DataType[] = ["float32"];
export const NUMBER: readonly tf.DataType[] = ["float32", "int32"];
export const ANY: readonly tf.DataType[] = ["float32", "int32", "bool"];

/** Kernels that have a node. */
export const mapped = new Set<string>();

/** Registers `kernel` under a TensorFlow.js kernel name. */
export function define(kernelName: string, types: readonly tf.DataType[], kernel: Kernel): void {
  const kernelFunc = ({ inputs: named, backend, attrs }: Call): tf.TensorInfo | tf.TensorInfo[] => {
    const onnx = backend as OnnxBackend;
    onnx.flushIfLong();
    const inputs = { list: [] as Input[] } as Inputs;
    let takes = true, host = true;
    for (const name in named) {
      const info = named[name];
      if (info === undefined || info === null) continue;
      const input = { value: onnx.value(info.dataId), shape: info.shape, dtype: info.dtype };
      inputs[name] = input;
      inputs.list.push(input);
      const size = sizeOf(info.shape);
      if (size === 0 || !types.includes(info.dtype)) takes = false;
      if (info.dtype !== "int32" || size > SMALL || !known(onnx, input.value)) host = false;
    }
    if (!takes || (host && inputs.list.length > 0)) return runOnCpu(kernelName, named, attrs, onnx, !takes);
    const results = kernel(onnx.graph, inputs, attrs ?? {});
    if (!results) return runOnCpu(kernelName, named, attrs, onnx, true);
    return Array.isArray(results) ? results.map((r) => hold(onnx, r)) : hold(onnx, results);
  };
  mapped.add(kernelName);
  tf.registerKernel({ kernelName, backendName: BACKEND, kernelFunc: kernelFunc as unknown as tf.KernelFunc });
}

/** Whether the numbers are available and, in a recording, will not change at the next call. */
const known = ({ stepInputs }: OnnxBackend, value: Value) =>
  value.data !== undefined && !stepInputs?.has(value);

/** A kernel call of TensorFlow.js. */
export interface Call {
  inputs: Record<string, tf.TensorInfo>;
  backend: unknown;
  attrs?: Attributes;
}

function hold(backend: OnnxBackend, result: Result): tf.TensorInfo {
  const { value, shape } = "value" in result ? result : { value: result, shape: result.shape };
  return backend.hold(value, shape, value.dtype as tf.DataType);
}

/** Returns an input in its tensor's shape. Adds a Reshape node only if the value has another shape. */
export const shaped = (graph: Graph, { value, shape }: Input): Value => reshape(graph, value, shape);

/** Returns a value in another shape. */
export function reshape(graph: Graph, value: Value, shape: readonly number[]): Value {
  if (sameShape(value.shape, shape)) return value;
  return graph.add("Reshape", [value, int64s(shape)], shape, value.dtype);
}

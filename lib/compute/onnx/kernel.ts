/** How kernels of TensorFlow.js become nodes of the pending graph. */
import * as tf from "@tensorflow/tfjs-core";
import type { OnnxBackend } from "./backend.ts";
import { runOnCpu } from "./fallback.ts";
import type { Graph } from "./graph.ts";
import { int64s, sameShape, sizeOf, type Value } from "./value.ts";

export const BACKEND = "onnx";

/** An input: its value, and the shape that the tensor gives it, which may be another view of the same numbers. */
export interface Input {
  value: Value;
  shape: number[];
  dtype: tf.DataType;
}

/** A result; the shape is the value's unless it says otherwise. */
export type Result = Value | { value: Value; shape: readonly number[] };

// deno-lint-ignore no-explicit-any
type Attributes = Record<string, any>;
type Inputs = Record<string, Input> & { list: Input[] };

/** Records a kernel call and returns what it yields, or nothing where it has no node for these attributes. */
export type Kernel = (graph: Graph, inputs: Inputs, attributes: Attributes) => Result | Result[] | undefined;

/** Integer work this small is shape arithmetic: done at once on the host, so that reading it costs no flush. */
const SMALL = 256;

/** Input types a kernel takes; calls with others go to the cpu kernel. */
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

/** Whether the numbers are there, and stay these where a step is being recorded. */
const known = ({ stepInputs }: OnnxBackend, value: Value) =>
  value.data !== undefined && !stepInputs?.has(value);

/** What TensorFlow.js hands to a kernel. */
export interface Call {
  inputs: Record<string, tf.TensorInfo>;
  backend: unknown;
  attrs?: Attributes;
}

function hold(backend: OnnxBackend, result: Result): tf.TensorInfo {
  const { value, shape } = "value" in result ? result : { value: result, shape: result.shape };
  return backend.hold(value, shape, value.dtype as tf.DataType);
}

/** The value in the shape its tensor has; a reshape node only where its storage is seen in another. */
export const shaped = (graph: Graph, { value, shape }: Input): Value => reshape(graph, value, shape);

/** The same numbers in another shape. */
export function reshape(graph: Graph, value: Value, shape: readonly number[]): Value {
  if (sameShape(value.shape, shape)) return value;
  return graph.add("Reshape", [value, int64s(shape)], shape, value.dtype);
}

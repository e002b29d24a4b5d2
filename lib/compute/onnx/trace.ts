/** Traces a step: records its graph without running it. */
import * as tf from "@tensorflow/tfjs-core";
import { UndertoneError } from "../../errors.ts";
import { type Feed, toTensor, type Variables } from "../feed.ts";
import { debug, debugLog } from "../debug.ts";
import type { OnnxBackend } from "./backend.ts";
import { detail } from "./capture_details.ts";
import { graphText } from "./graph_text.ts";
import { reshape } from "./kernel.ts";
import type { HostArray, Node, Value } from "./value.ts";

/** The origin of a graph input. */
export type ValueOrigin = { input: string } | { variable: string } | { numbers: HostArray };

/** The recorded graph of a step. */
export interface Trace {
  /** All nodes, in an order that can run, including those that no output needs. */
  nodes: readonly Node[];
  /** Origins of the values that nodes read but none computes. */
  sources: ReadonlyMap<Value, ValueOrigin>;
  outputs: Readonly<Record<string, Value>>;
}

/**
 * Records a step on the onnx engine for inputs of these shapes and types, without computing anything. Throws
 * an internal error if the step reads a number.
 */
export function traceStep(
  step: (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>,
  feed: Feed,
  variables: Variables,
): Trace {
  const backend = tf.backend() as OnnxBackend, { graph, stats } = backend;
  graph.flush();
  const { flushes } = stats, { reads } = backend;
  const sources = new Map<Value, ValueOrigin>(), stepInputs = new Map<Value, unknown>();
  const know = (tensor: tf.Tensor, source: ValueOrigin) => {
    const value = backend.value(tensor.dataId);
    sources.set(value, source);
    stepInputs.set(value, source);
  };
  for (const name in variables) know(variables[name], { variable: name });
  backend.stepInputs = stepInputs;
  try {
    let trace!: Trace;
    tf.tidy(() => {
      const inputs: Record<string, tf.Tensor> = {};
      for (const name in feed) know(inputs[name] = toTensor(feed[name]), { input: name });
      const outputs: Record<string, Value> = {};
      for (const [name, { dataId, shape }] of Object.entries(step(inputs))) {
        outputs[name] = reshape(graph, backend.value(dataId), shape);
      }
      const { nodes, numbers } = graph.withdraw();
      for (const [value, data] of numbers) if (!sources.has(value)) sources.set(value, { numbers: data });
      if (debug.graph) debugLog("graph", `traced, ${graphText(nodes, Object.values(outputs))}`);
      trace = { nodes, sources, outputs };
    });
    if (backend.reads === reads && stats.flushes === flushes) return trace;
    throw new UndertoneError(
      `A step that reads numbers can't be written as one graph${detail(() => backend.lastRead)}.`,
      "internal",
    );
  } finally {
    backend.stepInputs = undefined;
  }
}

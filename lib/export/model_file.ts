/** Encodes an ONNX model as the bytes of a file. */
import { encodeGraph, type Nodes, type Port } from "../compute/mod.ts";
import { badInput } from "../errors.ts";

/** The size limit of a protobuf message. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * Returns the bytes of a model with these inputs, outputs and metadata. Throws bad input for more than 2 GB.
 * `at` is the model's source.
 */
export function encodeModelFile(
  graph: Nodes["proto"],
  { at, ...ports }: {
    inputs: readonly Port[];
    outputs: readonly Port[];
    metadata: Readonly<Record<string, string>>;
    at: string;
  },
): Uint8Array {
  const size = graph.initializer.reduce((sum, { rawData }) => sum + rawData.byteLength, 0);
  if (size + 2 ** 20 > MOST_BYTES) {
    throw badInput({
      expected: "at most 2 GB of weights, the limit of an ONNX file",
      found: `${(size / 1e9).toFixed(1)} GB`,
      at,
      todo: "Export a model with smaller encoders.",
    });
  }
  return encodeGraph(graph, ports);
}

/** Encodes an ONNX model as the bytes of a file. */
import proto from "onnx-proto";
import { ELEMENT_TYPE } from "../compute/mod.ts";
import { badInput } from "../errors.ts";
import type { Port } from "./graph.ts";
import type { Nodes } from "./nodes.ts";

/** The ONNX operator set. GELU is in the standard from this version on. */
export const OPSET = 20;
/** The first version of the file format that supports this operator set. */
const IR_VERSION = 9;
/** The size limit of a protobuf message. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * Returns the bytes of a model with these inputs, outputs and metadata. Throws bad input for more than 2 GB.
 * `at` is the model's source.
 */
export function encodeModelFile(
  { node, initializer }: Nodes["proto"],
  { inputs, outputs, metadata, at }: {
    inputs: readonly Port[];
    outputs: readonly Port[];
    metadata: Readonly<Record<string, string>>;
    at: string;
  },
): Uint8Array {
  const size = initializer.reduce((sum, { rawData }) => sum + rawData.byteLength, 0);
  if (size + 2 ** 20 > MOST_BYTES) {
    throw badInput({
      expected: "at most 2 GB of weights, the limit of an ONNX file",
      found: `${(size / 1e9).toFixed(1)} GB`,
      at,
      todo: "Export a model with smaller encoders.",
    });
  }
  const { ModelProto } = proto.onnx;
  return ModelProto.encode(ModelProto.create({
    irVersion: IR_VERSION,
    producerName: "undertone",
    opsetImport: [{ domain: "", version: OPSET }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name: "emotion",
      node,
      initializer,
      input: inputs.map(valueInfo),
      output: outputs.map(valueInfo),
    },
  })).finish();
}

function valueInfo({ name, type, axes }: Port) {
  const dim = axes.map((axis) => typeof axis === "string" ? { dimParam: axis } : { dimValue: axis });
  return { name, type: { tensorType: { elemType: ELEMENT_TYPE[type], shape: { dim } } } };
}

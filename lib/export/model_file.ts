/** An ONNX model as the bytes of a file. */
import proto from "onnx-proto";
import { ELEMENT_TYPE } from "../compute/mod.ts";
import { badInput } from "../errors.ts";
import type { Port } from "./graph.ts";
import type { Nodes } from "./nodes.ts";

/** Newest operators that are used: GELU is among them from here on. */
export const OPSET = 20;
/** Of the file format, the first that knows these operators. */
const IR_VERSION = 9;
/** What a protobuf can hold. */
const MOST_BYTES = 2 ** 31 - 1;

/** Bytes of a model with these inputs and outputs; `metadata` goes into it. Throws bad input for more than 2 GB; `at` is whose. */
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
      expected: "at most 2 GB of weights, which is all that an ONNX file holds",
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

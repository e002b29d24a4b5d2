/** Encodes a graph as the bytes of an ONNX model. */
import proto from "onnx-proto";
import { ELEMENT_TYPE } from "../onnx/mod.ts";
import type { Port } from "./graph.ts";
import { MICROSOFT_DOMAIN, type Nodes } from "./nodes.ts";

/** The ONNX operator set. GELU is in the standard from this version on. */
export const OPSET = 20 as const;
/** The first version of the file format that supports an operator set. */
const IR_VERSIONS = { 20: 9, 21: 10 };

/** Returns the bytes of a model with these inputs, outputs and metadata. */
export function encodeGraph(
  { node, initializer }: Nodes["proto"],
  { inputs, outputs, metadata = {}, opset = OPSET }: {
    inputs: readonly Port[];
    outputs: readonly Port[];
    metadata?: Readonly<Record<string, string>>;
    opset?: keyof typeof IR_VERSIONS;
  },
): Uint8Array {
  const { ModelProto } = proto.onnx;
  const opsetImport: { domain: string; version: number }[] = [{ domain: "", version: opset }];
  if (node.some(({ domain }) => domain)) opsetImport.push({ domain: MICROSOFT_DOMAIN, version: 1 });
  return ModelProto.encode(ModelProto.create({
    irVersion: IR_VERSIONS[opset],
    producerName: "undertone",
    opsetImport,
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

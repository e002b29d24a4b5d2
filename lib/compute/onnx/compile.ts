/** Encodes recorded nodes as an ONNX model. */
import proto from "onnx-proto";
import type { Openness } from "./general.ts";
import { type Attribute, type Constant, type Node, type Operand, Value } from "./value.ts";

const { ModelProto } = proto.onnx;

/** Values of ONNX's TensorProto.DataType. */
export const ELEMENT_TYPE = {
  ...{ float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10 },
} as const;

/** Operators that ONNX Runtime adds to the ONNX standard. */
export const MICROSOFT: ReadonlySet<string> = new Set(["FusedMatMul"]);

export const nameOf = (value: Value): string => `v${value.slot}`;

/** The reverse of `nameOf`. */
export const slotOf = (name: string): number => Number(name.slice(1));

/**
 * An output that JavaScript can't represent: an empty sequence. The binding of ONNX Runtime copies every
 * output into a new array after the run, even if the caller gave it memory. It refuses this one, and as this
 * one comes first, the copies are never made.
 */
export const UNREADABLE = "unreadable";

/**
 * Encodes the model of `nodes` as protobuf bytes. Values are named by their slots. With `unreadable`, the
 * first output is `UNREADABLE`. With `open`, the model leaves these sizes and constants open.
 */
export function encodeModel(
  nodes: readonly Node[],
  feeds: readonly Value[],
  outputs: readonly Value[],
  { unreadable = false, open }: { unreadable?: boolean; open?: Openness } = {},
): Uint8Array {
  const constants = new Map<string, Constant>(), given = new Map<string, Constant>();
  let place = 0;
  const operandName = (operand: Operand): string => {
    if (operand instanceof Value) return nameOf(operand);
    const input = open?.inputOf(place++);
    const name = input ?? `c_${operand.dtype}_${operand.length ?? ""}_${operand.values.join("_")}`;
    (input ? given : constants).set(name, operand);
    return name;
  };
  const named = new Map(nodes.map((node) => [node, node.inputs.map(operandName)]));
  const node = leavesLast(nodes).map((n) => ({
    opType: n.op,
    domain: MICROSOFT.has(n.op) ? "com.microsoft" : "",
    input: named.get(n)!,
    output: n.outputs.map(nameOf),
    attribute: n.attributes.map(attributeProto),
  }));
  const infoOf = (value: Value, i: number) => valueInfo(value, open?.shapes[i]);
  const model = ModelProto.create({
    irVersion: 9,
    opsetImport: [{ domain: "", version: 20 }, { domain: "com.microsoft", version: 1 }],
    graph: {
      name: "pending",
      node: unreadable ? [EMPTY_SEQUENCE, ...node] : node,
      initializer: [...constants].map(([name, constant]) => tensorProto(name, constant)),
      input: [...feeds.map(infoOf), ...[...given].map(([name, constant]) => constantInfo(name, constant))],
      output: [
        ...unreadable ? [SEQUENCE_INFO] : [],
        ...outputs.map((value, i) => infoOf(value, feeds.length + i)),
      ],
    },
  });
  return ModelProto.encode(model).finish();
}

/**
 * Returns the nodes with those last whose results no node reads, in reverse. This order lowers the peak
 * memory of a run (of memocmt's step: from 555 to 500 MB). Probably ONNX Runtime takes the last of these
 * first, and runs what it needs before it: in the recorded order, the gradient of the first layer's weights
 * would come before that of any other weight, and every activation would live until then.
 */
export function leavesLast(nodes: readonly Node[]): Node[] {
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const isLeaf = ({ outputs }: Node) => !outputs.some((value) => read.has(value));
  return [...nodes.filter((node) => !isLeaf(node)), ...nodes.filter(isLeaf).reverse()];
}

const EMPTY_SEQUENCE = {
  opType: "SequenceEmpty",
  domain: "",
  input: [],
  output: [UNREADABLE],
  attribute: [],
};
const SEQUENCE_INFO = {
  name: UNREADABLE,
  type: { sequenceType: { elemType: { tensorType: { elemType: ELEMENT_TYPE.float32 } } } },
};

/** Returns an attribute in protobuf's form. */
export function attributeProto({ name, kind, value }: Attribute) {
  switch (kind) {
    case "float":
      return { name, type: 1, f: value as number };
    case "int":
      return { name, type: 2, i: value as number };
    case "string":
      return { name, type: 3, s: new TextEncoder().encode(value as string) };
    case "ints":
      return { name, type: 7, ints: [...value as readonly number[]] };
  }
}

function tensorProto(name: string, { dtype, length, values }: Constant) {
  const dims = length === undefined ? [] : [length];
  const field = { float32: "floatData", int32: "int32Data", int64: "int64Data" }[dtype];
  return { name, dataType: ELEMENT_TYPE[dtype], dims, [field]: [...values] };
}

function valueInfo(value: Value, shape = value.shape) {
  const dim = shape.map((length) => length < 0 ? {} : { dimValue: length }); // below 0: any length
  return {
    name: nameOf(value),
    type: { tensorType: { elemType: ELEMENT_TYPE[value.dtype], shape: { dim } } },
  };
}

/**
 * Describes a constant that is an input. A list of 64-bit integers may be a shape, so its length is known.
 */
function constantInfo(name: string, { dtype, length }: Constant) {
  const dim = length === undefined ? [] : [dtype === "int64" ? { dimValue: length } : {}];
  return { name, type: { tensorType: { elemType: ELEMENT_TYPE[dtype], shape: { dim } } } };
}

/** Builds the parts of an ONNX graph: nodes, constants and weights, each with a name. */
import type { onnx as Onnx } from "onnx-proto";
import {
  type Attribute,
  attributeProto,
  ELEMENT_TYPE,
  type HostArray,
  int,
  type Value,
} from "../onnx/mod.ts";
import type { Expression } from "./expression.ts";

/** Element types of weights and constants: those of values, and bytes. */
export type ElementType = Value["dtype"] | "uint8" | "int8";

/** The domain of the operators that ONNX Runtime adds to the standard, and the start of their names here. */
export const MICROSOFT_DOMAIN = "com.microsoft";

export interface Nodes {
  /**
   * Adds a node and returns the name of its output. An operator outside the standard is named with its
   * domain:
   * `com.microsoft:FusedMatMul`.
   */
  emit(op: string, inputs: readonly string[], attributes?: readonly Attribute[]): string;
  /** Adds a node with `count` outputs and returns their names. */
  emitMany(op: string, inputs: readonly string[], attributes: readonly Attribute[], count: number): string[];
  /** Adds a weight under its own name, or a constant under a new one. */
  tensor(dtype: ElementType, data: HostArray | Int8Array, shape: readonly number[], name?: string): string;
  /** Adds a constant, int64 `[values.length]`. Equal lists share one. */
  integers(values: readonly number[]): string;
  /**
   * Adds the value of an expression, int64 `[1]`. Equal operations share one node. `lengthOf` returns the
   * name of a length, int64 `[1]`.
   */
  evaluate(expression: Expression, lengthOf: (index: number) => string): string;
  /** Concatenates values along the first axis. */
  concat(names: readonly string[]): string;
  /** The nodes and weights so far, as protobuf messages. */
  proto: { node: Onnx.INodeProto[]; initializer: { name: string; rawData: Uint8Array }[] };
}

/** Returns an empty graph. */
export function newNodes(): Nodes {
  const proto: Nodes["proto"] = { node: [], initializer: [] };
  const known = new Map<string, string>();
  let count = 0;

  const emitMany: Nodes["emitMany"] = (op, inputs, attributes, outputs) => {
    const [opType, domain = ""] = op.split(":").reverse();
    const output = Array.from({ length: outputs }, () => `${opType}_${count++}`);
    const attribute = attributes.map(attributeProto);
    const node = { opType, domain, name: output[0], input: [...inputs], output, attribute };
    proto.node.push(node);
    return output;
  };
  const emit: Nodes["emit"] = (op, inputs, attributes = []) => emitMany(op, inputs, attributes, 1)[0];
  const once = (key: string, make: () => string): string => {
    const name = known.get(key) ?? make();
    known.set(key, name);
    return name;
  };
  const write = (dataType: number, rawData: Uint8Array, dims: readonly number[], name: string) => {
    proto.initializer.push({ name, dataType, dims, rawData } as Nodes["proto"]["initializer"][number]);
    return name;
  };

  const integers = (values: readonly number[]) =>
    once(`[${values}]`, () => {
      const data = BigInt64Array.from(values, BigInt);
      return write(ELEMENT_TYPE.int64, bytesOf(data), [values.length], `integers_${count++}`);
    });
  const binary = (op: string, a: string, b: string) => once(`${op} ${a} ${b}`, () => emit(op, [a, b]));

  return {
    proto,
    emit,
    emitMany,
    integers,
    tensor: (dtype, data, shape, name = `constant_${count++}`) =>
      write(ELEMENT_TYPE[dtype], bytesOf(data), shape, name),
    evaluate: (expression, lengthOf) =>
      expression.map(({ factor, of }) => {
        const lengths = of.map(lengthOf), factors = factor === 1 && of.length ? [] : [integers([factor])];
        return [...lengths, ...factors].reduce((a, b) => binary("Mul", a, b));
      }).reduce((a, b) => binary("Add", a, b)),
    concat: (names) =>
      names.length === 1 ? names[0] : once(`concat ${names}`, () => emit("Concat", names, [int("axis", 0)])),
  };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** The operators of an ONNX graph as functions: each adds a node and returns its output. */
import type { onnx as Onnx } from "onnx-proto";
import { attributeOf, type AttributeValue, type ElementType, rawData, TYPES, type Value } from "./proto.ts";

/** A tensor, or a number that becomes a constant of the other operand's type. */
export type Operand = Value | number;

/** What a graph and the bodies of its loops share. */
export interface Shared {
  initializer: Onnx.ITensorProto[];
  constants: Map<string, string>;
  count: number;
}

interface NodeOptions {
  /** Type of the outputs, if not that of the first input. */
  type?: ElementType;
  /** The set of operators, if not the standard one. */
  domain?: string;
  attributes?: Readonly<Record<string, AttributeValue>>;
}

/** Returns the operators that add their nodes to `node`. */
export function operators(shared: Shared, node: Onnx.INodeProto[]) {
  const fresh = (stem: string) => `${stem}_${shared.count++}`;

  const many = (
    opType: string,
    inputs: readonly (Value | undefined)[],
    outputs: number,
    options: NodeOptions = {},
  ) => {
    const output = Array.from({ length: outputs }, () => fresh(opType));
    const attribute = Object.entries(options.attributes ?? {}).map(([name, value]) =>
      attributeOf(name, value)
    );
    node.push({
      opType,
      name: output[0],
      input: inputs.map((input) => input?.name ?? ""),
      output,
      attribute,
      domain: options.domain,
    });
    const type = options.type ?? inputs[0]!.type;
    return output.map((name): Value => ({ name, type }));
  };
  /** Adds a node with one output. The output has the type of the first input unless `type` says otherwise. */
  const op = (opType: string, inputs: readonly (Value | undefined)[], options: NodeOptions = {}): Value =>
    many(opType, inputs, 1, options)[0];

  /** Adds a tensor of numbers. Small equal tensors share one. */
  const tensor = (type: ElementType, values: ArrayLike<number>, dims: readonly number[]): Value => {
    const key = values.length <= 16 ? `${type} ${dims} ${Array.from(values)}` : fresh("tensor");
    let name = shared.constants.get(key);
    if (name === undefined) {
      name = fresh("constant");
      shared.initializer.push({
        name,
        dataType: TYPES[type],
        dims: [...dims],
        rawData: rawData(type, values),
      });
      shared.constants.set(key, name);
    }
    return { name, type };
  };
  const value = (operand: Operand, type: ElementType): Value =>
    typeof operand === "number" ? tensor(type, [operand], []) : operand;
  const typeOf = (a: Operand, b: Operand) => (typeof a === "number" ? b as Value : a).type;
  const binary = (opType: string, result?: ElementType) => (a: Operand, b: Operand): Value => {
    const type = typeOf(a, b);
    return op(opType, [value(a, type), value(b, type)], { type: result ?? type });
  };
  const unary = (opType: string) => (x: Value): Value => op(opType, [x]);
  const reduce = (opType: string) => (x: Value, axis: number, keep = false): Value =>
    op(opType, [x, tensor("int64", [axis], [1])], { attributes: { keepdims: keep ? 1 : 0 } });
  const index = (opType: string) => (x: Value, axis: number): Value =>
    op(opType, [x], { type: "int64", attributes: { axis, keepdims: 1 } });

  /** Makes a vector int64 of dimensions, which are numbers or scalars of the graph. */
  const dims = (sizes: readonly Operand[]): Value => {
    if (sizes.every((size) => typeof size === "number")) {
      return tensor("int64", sizes as number[], [sizes.length]);
    }
    const parts = sizes.map((size) =>
      typeof size === "number"
        ? tensor("int64", [size], [1])
        : op("Reshape", [size, tensor("int64", [1], [1])])
    );
    return parts.length === 1 ? parts[0] : op("Concat", parts, { attributes: { axis: 0 } });
  };
  const cast = (x: Value, type: ElementType): Value =>
    x.type === type ? x : op("Cast", [x], { type, attributes: { to: TYPES[type] } });
  const reshape = (x: Value, ...sizes: Operand[]): Value => op("Reshape", [x, dims(sizes)]);
  const gather = (x: Value, at: Operand, axis = 0): Value =>
    op("Gather", [x, value(at, "int64")], { type: x.type, attributes: { axis } });
  const slice = (x: Value, from: Operand, to: Operand, axis = 0): Value =>
    op("Slice", [x, dims([from]), dims([to]), tensor("int64", [axis], [1])]);
  const concat = (parts: readonly Value[], axis: number): Value =>
    op("Concat", parts, { attributes: { axis } });

  return {
    fresh,
    op,
    many,
    tensor,
    dims,
    cast,
    reshape,
    gather,
    slice,
    concat,
    add: binary("Add"),
    sub: binary("Sub"),
    mul: binary("Mul"),
    div: binary("Div"),
    max: binary("Max"),
    min: binary("Min"),
    matMul: binary("MatMul"),
    less: binary("Less", "bool"),
    atMost: binary("LessOrEqual", "bool"),
    equal: binary("Equal", "bool"),
    and: binary("And", "bool"),
    not: unary("Not"),
    sqrt: unary("Sqrt"),
    log: unary("Log"),
    exp: unary("Exp"),
    abs: unary("Abs"),
    floor: unary("Floor"),
    sum: reduce("ReduceSum"),
    mean: reduce("ReduceMean"),
    maximum: reduce("ReduceMax"),
    /** Index of the first largest value along an axis, which is kept. */
    argMax: index("ArgMax"),
    /** Index of the first smallest value along an axis, which is kept. */
    argMin: index("ArgMin"),
    square: (x: Value) => op("Mul", [x, x]),
    /** Adds up along an axis, one value after the other. */
    cumSum: (x: Value, axis: number) => op("CumSum", [x, tensor("int64", [axis], [])]),
    gatherElements: (x: Value, at: Value, axis: number) =>
      op("GatherElements", [x, at], { attributes: { axis } }),
    where: (condition: Value, a: Operand, b: Operand): Value => {
      const type = typeOf(a, b);
      return op("Where", [condition, value(a, type), value(b, type)], { type });
    },
    unsqueeze: (x: Value, axis: number) => op("Unsqueeze", [x, tensor("int64", [axis], [1])]),
    transpose: (x: Value, ...perm: number[]) => op("Transpose", [x], { attributes: { perm } }),
    expand: (x: Value, ...sizes: Operand[]) => op("Expand", [x, dims(sizes)]),
    /** Appends zeros along an axis of `rank` axes. */
    padEnd: (x: Value, zeros: Operand, axis: number, rank: number) =>
      op("Pad", [x, dims(Array.from({ length: 2 * rank }, (_, i) => i === rank + axis ? zeros : 0))]),
    /** The integers from 0 to `count` - 1. */
    range: (count: Value) => op("Range", [tensor("int64", [0], []), count, tensor("int64", [1], [])]),
    /** The length of an axis, an int64 scalar. */
    size: (x: Value, axis: number) =>
      reshape(op("Shape", [x], { type: "int64", attributes: { start: axis, end: axis + 1 } })),
  };
}

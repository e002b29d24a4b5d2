import * as tf from "@tensorflow/tfjs-core";
import type { Graph } from "../graph.ts";
import { ANY, define, FLOAT, type Input, NUMBER, reshape, type Result, shaped } from "../kernel.ts";
import { float, int, sameShape, scalar, sizeOf, type Value } from "../value.ts";
import { ELEMENT_TYPE } from "../compile.ts";

type Of = (graph: Graph, x: Value, attributes: Record<string, number>) => Value;
type OfTwo = (graph: Graph, a: Value, b: Value, shape: readonly number[]) => Value;

/** Applies one operator to every element, in the shape of the storage. */
const operator = (op: string): Of => (graph, x) => graph.add(op, [x], x.shape, x.dtype);

const unary: Record<string, Of> = {
  Square: (graph, x) => graph.add("Mul", [x, x], x.shape, x.dtype),
  Rsqrt: (graph, x) => {
    const root = graph.add("Sqrt", [x], x.shape, x.dtype);
    return graph.add("Reciprocal", [root], x.shape, x.dtype);
  },
  Log1p: (graph, x) => {
    const sum = graph.add("Add", [x, scalar(1)], x.shape, x.dtype);
    return graph.add("Log", [sum], x.shape, x.dtype);
  },
  Relu6: (graph, x) => graph.add("Clip", [x, scalar(0), scalar(6)], x.shape, x.dtype),
  ClipByValue: (graph, x, { clipValueMin, clipValueMax }) =>
    graph.add("Clip", [x, scalar(clipValueMin), scalar(clipValueMax)], x.shape, x.dtype),
  LeakyRelu: (graph, x, { alpha }) => graph.add("LeakyRelu", [x], x.shape, x.dtype, [float("alpha", alpha)]),
  Step: (graph, x, { alpha }) => {
    const positive = graph.add("Greater", [x, scalar(0)], x.shape, "bool");
    return graph.add("Where", [positive, scalar(1), scalar(alpha)], x.shape, x.dtype);
  },
};
const sameName = ["Sqrt", "Exp", "Log", "Sigmoid", "Tanh", "Relu", "Elu", "Softplus", "Erf", "Reciprocal"];
for (const name of [...sameName, "Sin", "Cos", "Floor", "Ceil", "Round"]) unary[name] = operator(name);
for (const [name, of] of Object.entries(unary)) {
  define(name, name === "Square" ? NUMBER : FLOAT, (graph, { x }, attributes) => ({
    value: of(graph, x.value, attributes),
    shape: x.shape,
  }));
}
for (const name of ["Abs", "Neg", "Sign"]) {
  define(name, NUMBER, (graph, { x }) => ({ value: operator(name)(graph, x.value, {}), shape: x.shape }));
}
define(
  tf.IsNan,
  FLOAT,
  (graph, { x }) => ({ value: graph.add("IsNaN", [x.value], x.value.shape, "bool"), shape: x.shape }),
);
define(
  tf.LogicalNot,
  ["bool"],
  (graph, { x }) => ({ value: operator("Not")(graph, x.value, {}), shape: x.shape }),
);

define(tf.Cast, ANY, (graph, { x }, { dtype }) => {
  if (!ANY.includes(dtype)) return undefined;
  return { value: cast(graph, x.value, dtype), shape: x.shape };
});

/** Converts a value to another element type. */
export function cast(graph: Graph, value: Value, dtype: Value["dtype"]): Value {
  if (value.dtype === dtype) return value;
  return graph.add("Cast", [value], value.shape, dtype, [int("to", ELEMENT_TYPE[dtype])]);
}

const pair = (op: string, dtype?: "bool"): OfTwo => (graph, a, b, shape) =>
  graph.add(op, [a, b], shape, dtype ?? a.dtype);

const arithmetic: Record<string, OfTwo> = {
  Add: pair("Add"),
  Sub: pair("Sub"),
  Multiply: pair("Mul"),
  Maximum: pair("Max"),
  Minimum: pair("Min"),
  SquaredDifference: (graph, a, b, shape) => {
    const difference = graph.add("Sub", [a, b], shape, a.dtype);
    return graph.add("Mul", [difference, difference], shape, a.dtype);
  },
};
const comparisons: Record<string, OfTwo> = {
  Greater: pair("Greater", "bool"),
  GreaterEqual: pair("GreaterOrEqual", "bool"),
  Less: pair("Less", "bool"),
  LessEqual: pair("LessOrEqual", "bool"),
  Equal: pair("Equal", "bool"),
  NotEqual: (graph, a, b, shape) =>
    graph.add("Not", [graph.add("Equal", [a, b], shape, "bool")], shape, "bool"),
};
for (const [name, of] of Object.entries({ ...arithmetic, ...comparisons })) {
  define(name, NUMBER, (graph, { a, b }) => broadcast(graph, a, b, of));
}
for (const [name, op] of [["RealDiv", "Div"], ["Pow", "Pow"]]) {
  define(name, FLOAT, (graph, { a, b }) => broadcast(graph, a, b, pair(op)));
}
for (const [name, op] of [["LogicalAnd", "And"], ["LogicalOr", "Or"]]) {
  define(name, ["bool"], (graph, { a, b }) => broadcast(graph, a, b, pair(op)));
}

/**
 * Applies an operator to two inputs. If shapes are equal or one side is a single number, keeps the shape of
 * the storage.
 */
function broadcast(graph: Graph, a: Input, b: Input, of: OfTwo): Result {
  if (sameShape(a.shape, b.shape)) {
    const storage = a.value.shape;
    return { value: of(graph, a.value, reshape(graph, b.value, storage), storage), shape: a.shape };
  }
  const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const [wide, single] = sizeOf(b.shape) === 1 ? [a, b] : [b, a];
  if (single.value.shape.length === 0 && sameShape(shape, wide.shape)) {
    return { value: of(graph, a.value, b.value, wide.value.shape), shape };
  }
  return of(graph, shaped(graph, a), shaped(graph, b), shape);
}

define(tf.AddN, FLOAT, (graph, { list }) => {
  const [first] = list;
  return graph.add("Sum", list.map((x) => shaped(graph, x)), first.shape, first.value.dtype);
});

/** Converts booleans for `Where`, because ONNX Runtime has no boolean kernel for it. */
const chosen = (graph: Graph, value: Value): Value =>
  value.dtype === "bool" ? cast(graph, value, "int32") : value;

define(tf.Select, ANY, (graph, { condition, t, e }) => {
  const given = cast(graph, shaped(graph, condition), "bool"), { dtype } = t.value;
  const [yes, no] = [t, e].map((side) => chosen(graph, shaped(graph, side)));
  return cast(graph, graph.add("Where", [given, yes, no], t.shape, yes.dtype), dtype);
});

/** Gradient of ELU, from its output. */
define(tf.EluGrad, FLOAT, (graph, { dy, y }) => {
  const negative = graph.add("Min", [shaped(graph, y), scalar(0)], y.shape, "float32");
  const slope = graph.add("Add", [negative, scalar(1)], y.shape, "float32");
  return graph.add("Mul", [shaped(graph, dy), slope], y.shape, "float32");
});

/** Replaces operators that ONNX Runtime's WebGPU provider lacks or computes wrongly. */
import type { Graph } from "./graph.ts";
import {
  type Attribute,
  type Constant,
  type ElementType,
  int,
  int64s,
  ints,
  type Operand,
  scalar,
  type Value,
} from "./value.ts";

/** Records nodes equal to the operator. Returns undefined if the operator itself is right. */
type Composition = (
  graph: Graph,
  inputs: readonly Operand[],
  output: { shape: readonly number[]; dtype: ElementType },
  attributes: readonly Attribute[],
) => Value | undefined;

const compositions: Record<string, Composition> = {
  /** The provider has a kernel for the plain form only. */
  FusedMatMul(graph, [a, b], { shape, dtype }, attributes) {
    const [transA, transB] = ["transA", "transB"].map((name) => numberOf(attributes, name));
    const [left, right] = [a, b] as Value[], alpha = numberOf(attributes, "alpha", 1);
    const scaled = alpha === 1 ? left : graph.add("Mul", [left, scalar(alpha)], left.shape, dtype);
    const factors = [transA ? turned(graph, scaled) : scaled, transB ? turned(graph, right) : right];
    return graph.add("MatMul", factors, shape, dtype);
  },

  Sum: (graph, [first, ...rest], { shape, dtype }) =>
    rest.reduce<Operand>((sum, each) => graph.add("Add", [sum, each], shape, dtype), first) as Value,

  Or(graph, inputs, { shape, dtype }) {
    const neither = inputs.map((each) => graph.add("Not", [each], (each as Value).shape, dtype));
    return graph.add("Not", [graph.add("And", neither, shape, dtype)], shape, dtype);
  },

  Sign(graph, [x], { shape, dtype }) {
    if (dtype !== "float32") return undefined;
    const [above, below] = ["Greater", "Less"].map((op) => graph.add(op, [x, scalar(0)], shape, "bool"));
    const negative = graph.add("Where", [below, scalar(-1), scalar(0)], shape, dtype);
    return graph.add("Where", [above, scalar(1), negative], shape, dtype);
  },

  ArgMax: (...call) => placeOf("ReduceMax", ...call),
  ArgMin: (...call) => placeOf("ReduceMin", ...call),

  /** Supports the form that we use: one position along the axis for each line of numbers. */
  ScatterElements(graph, [x, places, updates], { shape, dtype }, attributes) {
    const along = numberOf(attributes, "axis");
    if ((places as Value).shape[along] !== 1) return undefined;
    const hit = graph.add("Equal", [places, positions(graph, shape, along)], shape, "bool");
    return graph.add("Where", [hit, updates, x], shape, dtype);
  },

  /** Negative steps along several axes give wrong results, so these axes are gathered one after the other. */
  Slice(graph, [x, ...bounds], { shape, dtype }) {
    const [from, to, axes, steps] = bounds.map((each) => (each as Constant).values);
    if (!steps?.some((step) => step < 0)) return undefined;
    let cut = x as Value;
    axes.forEach((axis, i) => {
      const partial = cut.shape.map((length, j) => j === axis ? shape[axis] : length);
      const length = cut.shape[axis], first = Math.min(from[i] < 0 ? from[i] + length : from[i], length - 1);
      if (steps[i] > 0) {
        const one = [[from[i]], [to[i]], [axis], [steps[i]]].map(int64s);
        cut = graph.add("Slice", [cut, ...one], partial, dtype);
      } else {
        const places = Array.from({ length: shape[axis] }, (_, k) => first + k * steps[i]);
        cut = graph.add("Gather", [cut, int64s(places)], partial, dtype, [int("axis", axis)]);
      }
    });
    return cut;
  },
};

/**
 * Returns the first position of the extreme along an axis, as int32. The provider cannot cast the int64 that
 * ArgMax returns.
 */
function placeOf(
  extreme: string,
  graph: Graph,
  [x]: readonly Operand[],
  { shape }: { shape: readonly number[] },
  attributes: readonly Attribute[],
): Value {
  const value = x as Value, along = numberOf(attributes, "axis"), count = value.shape[along];
  const kept = value.shape.map((length, i) => i === along ? 1 : length);
  const best = graph.add(extreme, [value, int64s([along])], kept, value.dtype, [int("keepdims", 1)]);
  const hit = graph.add("Equal", [value, best], value.shape, "bool");
  const places = [hit, positions(graph, value.shape, along), scalar(count - 1, "int32")];
  const found = graph.add("Where", places, value.shape, "int32");
  return graph.add("ReduceMin", [found, int64s([along])], shape, "int32", [int("keepdims", 0)]);
}

/** Returns 0, 1, 2 … along one axis; the other axes have length 1. */
function positions(graph: Graph, shape: readonly number[], along: number): Value {
  const length = shape[along], lying = shape.map((_, i) => i === along ? length : 1);
  const row: Constant = { dtype: "int32", length, values: Array.from({ length }, (_, i) => i) };
  return graph.add("Reshape", [row, int64s(lying)], lying, "int32");
}

const numberOf = (attributes: readonly Attribute[], name: string, otherwise = 0): number =>
  attributes.find((attribute) => attribute.name === name)?.value as number ?? otherwise;

/** Most parts per kernel: the smallest devices bind at most 8 buffers per kernel. */
const MOST_OUTPUTS = 7;

/** Replaces a split by one slice per part. */
function parts(
  graph: Graph,
  [x, sizes]: readonly Operand[],
  outputs: readonly (readonly [readonly number[], ElementType])[],
  attributes: readonly Attribute[],
): Value[] {
  const along = numberOf(attributes, "axis"), { values } = sizes as Constant;
  let from = 0;
  return outputs.map(([shape, dtype], i) => {
    const bounds = [[from], [from += values[i]], [along]].map(int64s);
    return graph.add("Slice", [x, ...bounds], shape, dtype);
  });
}

/** Transposes the last two axes. */
function turned(graph: Graph, matrices: Value): Value {
  const axes = matrices.shape.map((_, i) => i), [last, before] = [axes.pop()!, axes.pop()!];
  const perm = [...axes, last, before];
  return graph.add("Transpose", [matrices], perm.map((axis) => matrices.shape[axis]), matrices.dtype, [
    ints("perm", perm),
  ]);
}

/** Wraps a graph so that these operators are replaced. */
export function forWebgpu(graph: Graph): Graph {
  return {
    ...graph,
    add(op, inputs, shape, dtype, attributes = []) {
      const composed = compositions[op]?.(graph, inputs, { shape, dtype }, attributes);
      return composed ?? graph.add(op, inputs, shape, dtype, attributes);
    },
    addMany(op, inputs, outputs, attributes = []) {
      if (op === "Split" && outputs.length > MOST_OUTPUTS) return parts(graph, inputs, outputs, attributes);
      return graph.addMany(op, inputs, outputs, attributes);
    },
  };
}

/** Operators that ONNX Runtime's WebGPU provider lacks or gets wrong, from others that it has. */
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

/** Records what gives the same as the operator would; nothing where the operator itself is right. */
type Composition = (
  graph: Graph,
  inputs: readonly Operand[],
  output: { shape: readonly number[]; dtype: ElementType },
  attributes: readonly Attribute[],
) => Value | undefined;

const compositions: Record<string, Composition> = {
  /** Only its plain form has a kernel. */
  FusedMatMul(graph, inputs, { shape, dtype }, attributes) {
    const factors = ["transA", "transB"].map((name, i) => {
      const across = attributes.some((attribute) => attribute.name === name && attribute.value === 1);
      return across ? turned(graph, inputs[i] as Value) : inputs[i];
    });
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
    const side = (op: string, there: number) =>
      graph.add(
        "Where",
        [
          graph.add(op, [x, scalar(0)], shape, "bool"),
          scalar(there),
          scalar(0),
        ],
        shape,
        dtype,
      );
    return graph.add("Add", [side("Greater", 1), side("Less", -1)], shape, dtype);
  },

  ArgMax: (...call) => placeOf("ReduceMax", ...call),
  ArgMin: (...call) => placeOf("ReduceMin", ...call),

  /** Steps backwards along several axes come out wrong: such axes are gathered, one after the other. */
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

/** First position of the extreme along an axis, as int32: what it is found as, an int64, can't be cast there. */
function placeOf(
  extreme: string,
  graph: Graph,
  [x]: readonly Operand[],
  { shape }: { shape: readonly number[] },
  attributes: readonly Attribute[],
): Value {
  const value = x as Value, along = attributes.find(({ name }) => name === "axis")!.value as number;
  const count = value.shape[along];
  const lying = value.shape.map((_, i) => i === along ? count : 1);
  const kept = value.shape.map((length, i) => i === along ? 1 : length);
  const best = graph.add(extreme, [value, int64s([along])], kept, value.dtype, [int("keepdims", 1)]);
  const hit = graph.add("Equal", [value, best], value.shape, "bool");
  const row: Constant = { dtype: "int32", length: count, values: Array.from({ length: count }, (_, i) => i) };
  const places = graph.add("Reshape", [row, int64s(lying)], lying, "int32");
  const found = graph.add("Where", [hit, places, scalar(count - 1, "int32")], value.shape, "int32");
  return graph.add("ReduceMin", [found, int64s([along])], shape, "int32", [int("keepdims", 0)]);
}

/** What a kernel may bind there is bounded, on the least of devices by 8 buffers in all. */
const MOST_OUTPUTS = 7;

/** A split as one slice a part. */
function parts(
  graph: Graph,
  [x, sizes]: readonly Operand[],
  outputs: readonly (readonly [readonly number[], ElementType])[],
  attributes: readonly Attribute[],
): Value[] {
  const along = attributes.find(({ name }) => name === "axis")!.value as number,
    { values } = sizes as Constant;
  let from = 0;
  return outputs.map(([shape, dtype], i) => {
    const bounds = [[from], [from += values[i]], [along]].map(int64s);
    return graph.add("Slice", [x, ...bounds], shape, dtype);
  });
}

/** The matrices with rows and columns swapped. */
function turned(graph: Graph, matrices: Value): Value {
  const axes = matrices.shape.map((_, i) => i), [last, before] = [axes.pop()!, axes.pop()!];
  const perm = [...axes, last, before];
  return graph.add("Transpose", [matrices], perm.map((axis) => matrices.shape[axis]), matrices.dtype, [
    ints("perm", perm),
  ]);
}

/** The same graph, with these operators replaced. */
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

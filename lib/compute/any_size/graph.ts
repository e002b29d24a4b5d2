/** Turns recordings at several sizes into one ONNX graph for all sizes. */
import type { Feed } from "../feed.ts";
import { ELEMENT_TYPE, type HostArray, int } from "../onnx/mod.ts";
import { lengthsIn } from "./lengths.ts";
import { newNodes, type Nodes } from "./nodes.ts";
import type { AlignedConstant, AlignedNode, AlignedTraces, AlignedValue } from "./aligned_traces.ts";
import { STANDARD } from "./standard.ts";

/** An input or an output of the graph. */
export interface Port {
  /** The name in the graph. */
  name: string;
  /** The element type. */
  type: "float32" | "int32" | "int64";
  /** Each axis is a fixed length, or the name of a length that the caller chooses. */
  axes: readonly (string | number)[];
}

/**
 * Computes a node in a way of its own: adds nodes and returns the name of their output. `nameOf` returns the
 * name of an input, and adds what computes it. Returns undefined for a node that stays as it is.
 */
export type Rewrite = (
  nodes: Nodes,
  node: AlignedNode,
  nameOf: (operand: AlignedValue | AlignedConstant) => string,
) => string | undefined;

/**
 * Returns the nodes and weights that compute `outputs` under their names, from inputs recorded at `sizes`.
 * The graph computes each number that changes with the sizes from the lengths of its inputs, and from the
 * output lengths of convolutions, which are rounded and so have no simple formula. Its operators are standard
 * ones, except for those that `rewrite` adds.
 */
export function graphOf(
  { nodes: recorded, outputs }: AlignedTraces,
  inputs: readonly Port[],
  sizes: readonly Feed[],
  weight: (variable: string) => HostArray,
  rewrite: Rewrite = () => undefined,
): Nodes["proto"] {
  const nodes = newNodes(), lengths = lengthsIn(nodes), names = new Map<AlignedValue, string>();
  const read = new Set([...recorded.flatMap(({ inputs }) => inputs), ...Object.values(outputs)]);

  const nameOf = (operand: AlignedValue | AlignedConstant): string => {
    if ("lists" in operand) return lengths.constant(operand);
    if (!names.has(operand)) {
      if ("op" in operand.from) emit(operand.from);
      else names.set(operand, given(operand));
    }
    return names.get(operand)!;
  };

  /** Returns the name of an input, a weight or a tensor made on the host. */
  const given = ({ dtype, shapes, from }: AlignedValue): string => {
    if ("variable" in from) return nodes.tensor(dtype, weight(from.variable), shapes[0], from.variable);
    if ("numbers" in from) return lengths.tensor(dtype, from.numbers, shapes);
    const { input } = from as { input: string };
    return inputs.find(({ name }) => name === input)!.type === "int64"
      ? nodes.emit("Cast", [input], [int("to", ELEMENT_TYPE[dtype])])
      : input;
  };

  const emit = (node: AlignedNode): void => {
    const { op, attributes, inputs, outputs } = node, rewritten = rewrite(nodes, node, nameOf);
    if (rewritten !== undefined) {
      names.set(outputs[0], rewritten);
      return;
    }
    const operands = inputs.map((operand, i) =>
      op === "Reshape" && i === 1 ? lengths.target(operand as AlignedConstant) : nameOf(operand)
    );
    const ranks = inputs.map((operand) => "shapes" in operand ? operand.shapes[0].length : 1);
    const count = outputs.findLastIndex((output) => read.has(output)) + 1;
    const made = op in STANDARD
      ? [STANDARD[op](nodes, { inputs: operands, ranks, attributes })]
      : nodes.emitMany(op, operands, attributes, count);
    made.forEach((name, i) => names.set(outputs[i], name));
  };

  const learn = (series: readonly number[], axis: number, value: () => string) => {
    if (!lengths.tells(series)) lengths.learn({ series, axis, value });
  };
  for (const { name, axes } of inputs) {
    axes.forEach((_, axis) => learn(sizes.map((feed) => feed[name].shape[axis]), axis, () => name));
  }
  for (const { op, outputs: [made] } of recorded) {
    if (op !== "Conv") continue;
    made.shapes[0].forEach((_, axis) => learn(made.shapes.map((s) => s[axis]), axis, () => nameOf(made)));
  }
  for (const name in outputs) {
    nodes.proto.node.push({ opType: "Identity", name, input: [nameOf(outputs[name])], output: [name] });
  }
  return nodes.proto;
}

/**
 * Aligns traces of one step, recorded at several input sizes, to tell what changes with the sizes.
 *
 * The idea: run the model at six sizes and lay the six lists of nodes side by side. Node i must be the same
 * operator with the same attributes in every list, and read the outputs of the same earlier nodes. What may
 * differ are shapes and constants; each becomes a list of six values, which expression.ts explains.
 */
import { UndertoneError } from "../../errors.ts";
import type { Attribute, Constant, HostArray, Node, Trace, Value } from "../onnx/mod.ts";

type ElementType = Value["dtype"];

/** A value, with its shape at every size. */
export interface AlignedValue {
  dtype: ElementType;
  /** The shape at each size. */
  shapes: readonly (readonly number[])[];
  /** The node that computes the value, or its source: an input, a variable, or numbers from the host. */
  from: AlignedNode | { input: string } | { variable: string } | { numbers: readonly HostArray[] };
}

/** A constant of a graph, with its numbers at each size. */
export interface AlignedConstant {
  dtype: Constant["dtype"];
  scalar: boolean;
  lists: readonly (readonly number[])[];
}

/** A node that is the same at every size, except for constants and shapes. */
export interface AlignedNode {
  op: string;
  attributes: readonly Attribute[];
  inputs: readonly (AlignedValue | AlignedConstant)[];
  outputs: readonly AlignedValue[];
}

export interface AlignedTraces {
  nodes: readonly AlignedNode[];
  outputs: Readonly<Record<string, AlignedValue>>;
}

/**
 * Aligns the traces of one step. Throws an internal error if they differ in more than constants and shapes.
 */
export function alignTraces(traces: readonly Trace[]): AlignedTraces {
  const [first] = traces;
  /** For each trace, the aligned value of each of its values. */
  const known = traces.map(() => new Map<Value, AlignedValue>());
  const require = (same: boolean, what: string) => {
    if (!same) {
      throw new UndertoneError(
        `The model can't be written as one graph: ${what} changes with its inputs' sizes.`,
        "internal",
      );
    }
  };
  const every = (i: number) => traces.map(({ nodes }) => nodes[i]);
  const learn = (values: readonly Value[], from: AlignedValue["from"]): AlignedValue => {
    const { dtype } = values[0];
    const varying = { dtype, shapes: values.map(({ shape }) => shape), from };
    values.forEach((value, k) => known[k].set(value, varying));
    return varying;
  };
  const source = (values: readonly Value[]): AlignedValue => {
    const sources = values.map((value, k) => traces[k].sources.get(value)!), [given] = sources;
    if (!("numbers" in given)) return learn(values, given);
    return learn(values, { numbers: sources.map((source) => (source as { numbers: HostArray }).numbers) });
  };

  const nodes = first.nodes.map(({ op, attributes }, i): AlignedNode => {
    const all = every(i), what = `node ${i}, ${op},`;
    require(all.every((node) => node && sameKind(node, all[0])), what);
    const inputs = all[0].inputs.map((_, j) => {
      const operands = all.map((node) => node.inputs[j]);
      if (operands.every(isConstantOperand)) return constantOf(operands);
      const values = operands as Value[], found = values.map((value, k) => known[k].get(value));
      require(found.every((varying) => varying === found[0]), what);
      return found[0] ?? source(values);
    });
    const outputs: AlignedValue[] = [], node = { op, attributes, inputs, outputs };
    all[0].outputs.forEach((_, j) => outputs.push(learn(all.map(({ outputs }) => outputs[j]), node)));
    return node;
  });
  require(traces.every((trace) => trace.nodes.length === nodes.length), "the number of nodes");
  const outputs = Object.entries(first.outputs).map(([name, value]) => [
    name,
    known[0].get(value) ?? source(traces.map(({ outputs }) => outputs[name])), // an input that passes through
  ]);
  return { nodes, outputs: Object.fromEntries(outputs) };
}

const isConstantOperand = (operand: Node["inputs"][number]): operand is Constant => "values" in operand;

const constantOf = (constants: readonly Constant[]): AlignedConstant => ({
  dtype: constants[0].dtype,
  scalar: constants[0].length === undefined,
  lists: constants.map(({ values }) => values),
});

const sameKind = (a: Node, b: Node): boolean =>
  a.op === b.op && a.inputs.length === b.inputs.length && a.outputs.length === b.outputs.length &&
  a.inputs.every((input, i) => isConstantOperand(input) === isConstantOperand(b.inputs[i])) &&
  JSON.stringify(a.attributes) === JSON.stringify(b.attributes);

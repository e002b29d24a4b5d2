/** Prints a graph as text: each node's inputs and outputs, with shapes and bytes. */
import { bytesOf } from "./footprint.ts";
import { type Node, type Operand, Value } from "./value.ts";

/** A type and shape, e.g. `float32 [32, 7]`. */
export const kindOf = ({ dtype, shape }: Pick<Value, "dtype" | "shape">): string =>
  `${dtype} [${shape.join(", ")}]`;

/** Prints a list of numbers, shortened to the first few. */
function numbers(values: readonly number[]): string {
  const shown = values.slice(0, 6).join(", ");
  return values.length > 6 ? `${shown}, … ${values.length}` : shown;
}

/**
 * Prints the nodes of a graph in the order in which they run. Values have the names of the compiled model,
 * numbered in order of appearance: inputs when a node first reads them, results when a node computes them.
 */
export function graphText(nodes: readonly Node[], outputs: readonly Value[]): string {
  const names = new Map<Value, string>(), lines: string[] = [];
  let bytes = 0, inputs = 0;
  const name = (value: Value) => {
    names.set(value, `v${names.size}`);
    bytes += bytesOf(value);
    return names.get(value)!;
  };
  const operand = (given: Operand): string => {
    if (!(given instanceof Value)) {
      return given.length === undefined ? `${given.values[0]}` : `[${numbers(given.values)}]`;
    }
    if (!names.has(given)) {
      inputs++;
      lines.push(`  ${name(given)} = input  ${kindOf(given)}  ${bytesOf(given)} B`);
    }
    return names.get(given)!;
  };
  for (const node of nodes) {
    const given = node.inputs.map(operand);
    const settings = node.attributes.map(({ name, value }) =>
      `${name}=${Array.isArray(value) ? `[${numbers(value)}]` : value}`
    );
    const made = node.outputs.map(name);
    const kinds = node.outputs.map((value) => `${kindOf(value)}  ${bytesOf(value)} B`);
    lines.push(
      `  ${made.join(", ")} = ${node.op}(${[...given, ...settings].join(", ")})  ${kinds.join(", ")}`,
    );
  }
  const results = outputs.map((value) => names.get(value) ?? "an input");
  return [
    `${nodes.length} nodes, ${inputs} inputs, ${outputs.length} outputs, ${bytes} B of values`,
    ...lines,
    `  outputs ${results.join(", ")}`,
  ].join("\n");
}

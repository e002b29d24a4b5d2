/**
 * Replaces operators that only ONNX Runtime knows by standard ones, so that any runtime opens an exported
 * file.
 */
import { type Attribute, ints } from "../onnx/mod.ts";
import type { Nodes } from "./nodes.ts";

/** A call of an operator. `ranks` are the ranks of its inputs. */
interface Call {
  inputs: readonly string[];
  ranks: readonly number[];
  attributes: readonly Attribute[];
}

/** The replacements by operator. Each emits standard nodes and returns the name of its output. */
export const STANDARD: Readonly<Record<string, (nodes: Nodes, call: Call) => string>> = {
  FusedMatMul: matMul,
};

/** Emits `alpha op(A) op(B)`, where op optionally transposes the last two axes. */
function matMul({ emit, tensor }: Nodes, { inputs, ranks, attributes }: Call): string {
  const valueOf = (name: string) => attributes.find((attribute) => attribute.name === name)?.value;
  const factors = inputs.map((name, i) => {
    if (!valueOf(["transA", "transB"][i])) return name;
    const axes = Array.from({ length: ranks[i] }, (_, axis) => axis);
    const [last, before] = [axes.pop()!, axes.pop()!];
    return emit("Transpose", [name], [ints("perm", [...axes, last, before])]);
  });
  const alpha = Number(valueOf("alpha") ?? 1);
  if (alpha !== 1) factors[0] = emit("Mul", [factors[0], tensor("float32", Float32Array.of(alpha), [])]);
  return emit("MatMul", factors);
}

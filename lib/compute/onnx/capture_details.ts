/** Details that UNDERTONE_DEBUG=capture adds to the reasons why a step is called each time. */
import { debug } from "../debug.ts";
import { kindOf } from "./graph_text.ts";
import type { HostArray, Node, Value } from "./value.ts";

/** Returns a detail to append to a reason. Returns "" and computes nothing unless captures are debugged. */
export const detail = (of: () => string): string => debug.capture ? `: ${of()}` : "";

/** Describes a value and the operator that computes it. */
export function madeBy(value: Value, nodes: readonly Node[]): string {
  const op = nodes.find(({ outputs }) => outputs.includes(value))?.op;
  return kindOf(value) + (op ? `, the result of ${op}` : "");
}

/** Describes a value and the first operator that reads it. */
export function readBy(value: Value, nodes: readonly Node[]): string {
  const op = nodes.find(({ inputs }) => inputs.includes(value))?.op;
  return kindOf(value) + (op ? `, read by ${op}` : "");
}

/**
 * Describes the first node in which two graphs differ. A signature has one line per node, starting with the
 * operator.
 */
export function differentNode(a: string, b: string): string {
  const [before, after] = [a, b].map((signature) => signature.trimEnd().split("\n"));
  const i = before.findIndex((line, i) => line !== after[i]);
  if (i < 0) return `${before.length} nodes and then ${after.length}`;
  const [one, two] = [opOf(before[i]), opOf(after[i])];
  return `node ${i + 1} is ${one} and then ${one === two ? "the same on other inputs" : two}`;
}

const opOf = (line = "missing") => line.match(/^[A-Za-z]+/)?.[0] ?? line;

/**
 * Describes a constant that differs between two calls. `name` is its name in the graph: `v` and its number.
 */
export function changedConstant(
  signature: string,
  { name, value }: { name: string; value: Value },
  before: HostArray,
  after: HostArray,
): string {
  const number = new RegExp(` ${name.slice(1)}(?![\\d])`);
  const reader = opOf(signature.split("\n").find((line) => number.test(line)));
  const first = before.findIndex((x, i) => !Object.is(x, after[i]));
  return `${kindOf(value)}, read by ${reader}: entry ${first} is ${before[first]} and then ${after[first]}`;
}

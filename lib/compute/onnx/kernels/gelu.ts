import { CUBIC, SLOPE } from "../../ops/gelu.ts";
import type { Graph } from "../graph.ts";
import { define, FLOAT, reshape } from "../kernel.ts";
import { type Operand, scalar, string, type Value } from "../value.ts";

define("Gelu", FLOAT, (graph, { x }, { approximate }) => ({
  value: graph.add("Gelu", [x.value], x.value.shape, "float32", [string("approximate", approximate)]),
  shape: x.shape,
}));

/** Gradient of GELU: same formula as in ops/gelu.ts. */
define("GeluGrad", FLOAT, (graph, { dy, x: { value: x, shape } }, { approximate }) => {
  const slope = (approximate === "tanh" ? slopeOfTanh : slopeOfErf)(nodes(graph, x.shape), x);
  const value = graph.add("Mul", [reshape(graph, dy.value, x.shape), slope], x.shape, "float32");
  return { value, shape };
});

type Nodes = (op: string, ...operands: Operand[]) => Value;

const nodes = (graph: Graph, shape: readonly number[]): Nodes => (op, ...operands) =>
  graph.add(op, operands, shape, "float32");

/** Logarithm of the factor of the bell, 2 / √π. */
const BELL = Math.log(2 / Math.sqrt(Math.PI));

/**
 * Slope with the error function: Φ(x) + x φ(x) = (erf(u) + 1 + 2/√π u exp(-u²)) / 2 with u = x/√2. The
 * factor 2/√π is inside the exponential, which saves two operators.
 */
function slopeOfErf(node: Nodes, x: Value): Value {
  const u = node("Mul", x, scalar(Math.SQRT1_2));
  const bell = node("Mul", u, node("Exp", node("Sub", scalar(BELL), node("Mul", u, u))));
  return node("Mul", node("Add", node("Add", node("Erf", u), bell), scalar(1)), scalar(0.5));
}

/** Slope of x σ(u) with u = SLOPE x + CUBIC x³: σ(u) + σ(u) σ(-u) x u'. */
function slopeOfTanh(node: Nodes, x: Value): Value {
  const square = node("Mul", x, x);
  const odd = (cubic: number) =>
    node("Mul", x, node("Add", node("Mul", square, scalar(cubic)), scalar(SLOPE)));
  const u = odd(CUBIC), share = node("Sigmoid", u);
  const bell = node("Mul", node("Mul", share, node("Sigmoid", node("Neg", u))), odd(3 * CUBIC));
  return node("Add", share, bell);
}

import { EXCLUDED } from "../../ops/masked.ts";
import type { Graph } from "../graph.ts";
import { define, FLOAT, type Input, NUMBER, reshape, shaped } from "../kernel.ts";
import { int, int64s, scalar, type Value } from "../value.ts";
import { cast } from "./elementwise.ts";
import { filled } from "./fill.ts";

define("MaskedExtreme", FLOAT, (graph, { x, mask }, { least }) => {
  const [batch, length, width] = x.shape, shape = [batch, width];
  const missing = graph.add("Sub", [mask.value, scalar(1)], mask.value.shape, "float32");
  const bound = scalar(least ? -EXCLUDED : EXCLUDED);
  const excluded = graph.add("Mul", [missing, bound], mask.value.shape, "float32");
  const open = [shaped(graph, x), reshape(graph, excluded, [batch, length, 1])];
  const candidates = graph.add("Add", open, x.shape, "float32");
  const value = graph.add(least ? "ReduceMin" : "ReduceMax", [candidates, int64s([1])], shape, "float32", [
    int("keepdims", 0),
  ]);
  const winner = graph.add(least ? "ArgMin" : "ArgMax", [candidates], shape, "int64", [
    int("axis", 1),
    int("keepdims", 0),
  ]);
  return [graph.add("Mul", [value, some(graph, mask)], shape, "float32"), cast(graph, winner, "int32")];
});

define("MaskedExtremeGrad", NUMBER, (graph, { dy, mask, winner }) => {
  const [batch, length] = mask.shape, [, width] = dy.shape;
  const shape = [batch, length, width], row = [batch, 1, width];
  const given = graph.add("Mul", [shaped(graph, dy), some(graph, mask)], dy.shape, "float32");
  const zeros = filled(graph, shape, "float32", 0);
  const updates = [reshape(graph, winner.value, row), reshape(graph, given, row)];
  return graph.add("ScatterElements", [zeros, ...updates], shape, "float32", [int("axis", 1)]);
});

/** Returns 1 for rows with a real position, else 0: `[B,T]` to `[B,1]`. */
const some = (graph: Graph, mask: Input): Value =>
  graph.add("ReduceMax", [shaped(graph, mask), int64s([1])], [mask.shape[0], 1], "float32", [
    int("keepdims", 1),
  ]);

import { EXCLUDED } from "../../ops/masked.ts";
import type { Graph } from "../graph.ts";
import { define, FLOAT, type Input, NUMBER, reshape, shaped } from "../kernel.ts";
import { int, int64s, scalar, type Value } from "../value.ts";
import { cast } from "./elementwise.ts";

/** 1 for rows with a real position, else 0: `[B,T]` to `[B,1]`. */
const some = (graph: Graph, mask: Input): Value =>
  graph.add("ReduceMax", [shaped(graph, mask), int64s([1])], [mask.shape[0], 1], "float32", [
    int("keepdims", 1),
  ]);

define("MaskedExtreme", FLOAT, (graph, { x, mask }, { least }) => {
  const [batch, length, width] = x.shape, shape = [batch, width];
  const valid = cast(graph, reshape(graph, mask.value, [batch, length, 1]), "bool");
  const worst = scalar(least ? EXCLUDED : -EXCLUDED);
  const candidates = graph.add("Where", [valid, shaped(graph, x), worst], x.shape, "float32");
  const value = graph.add(
    least ? "ReduceMin" : "ReduceMax",
    [candidates, int64s([1])],
    shape,
    "float32",
    [int("keepdims", 0)],
  );
  const winner = graph.add(least ? "ArgMin" : "ArgMax", [candidates], shape, "int64", [
    int("axis", 1),
    int("keepdims", 0),
  ]);
  return [
    graph.add("Mul", [value, some(graph, mask)], shape, "float32"),
    cast(graph, winner, "int32"),
  ];
});

define("MaskedExtremeGrad", NUMBER, (graph, { dy, mask, winner }) => {
  const [batch, length] = mask.shape, [, width] = dy.shape, shape = [batch, length, width];
  const positions = {
    dtype: "int32" as const,
    length,
    values: Array.from({ length }, (_, i) => i),
  };
  const column = graph.add("Unsqueeze", [positions, int64s([1])], [length, 1], "int32");
  const won = graph.add("Equal", [reshape(graph, winner.value, [batch, 1, width]), column], shape, "bool");
  const given = graph.add("Mul", [shaped(graph, dy), some(graph, mask)], [batch, width], "float32");
  return graph.add("Where", [won, reshape(graph, given, [batch, 1, width]), scalar(0)], shape, "float32");
});

import * as tf from "@tensorflow/tfjs-core";
import { deepEqual } from "../../testing/assert.ts";
import { listening } from "../debug.ts";
import { useEngine } from "../mod.ts";
import { graphText } from "./graph_text.ts";
import { int, int64s, type Node, Value } from "./value.ts";

const node = (
  op: string,
  inputs: Node["inputs"],
  outputs: Value[],
  attributes: Node["attributes"] = [],
): Node => ({
  op,
  inputs,
  outputs,
  attributes,
  key: "",
  needed: true,
});

Deno.test("a graph's lines name inputs, operators, constants, settings, shapes and bytes", () => {
  const x = new Value([2, 3], "float32"), y = new Value([3, 4], "float32");
  const product = new Value([2, 4], "float32"), flat = new Value([8], "float32");
  const nodes = [
    node("FusedMatMul", [x, y], [product], [int("transA", 0)]),
    node("Reshape", [product, int64s([8])], [flat]),
  ];
  deepEqual(graphText(nodes, [flat]).split("\n"), [
    "2 nodes, 2 inputs, 1 outputs, 136 B of values",
    "  v0 = input  float32 [2, 3]  24 B",
    "  v1 = input  float32 [3, 4]  48 B",
    "  v2 = FusedMatMul(v0, v1, transA=0)  float32 [2, 4]  32 B",
    "  v3 = Reshape(v2, [8])  float32 [8]  32 B",
    "  outputs v3",
  ]);
});

Deno.test("long constants are shortened, and outputs that no node computes are named", () => {
  const x = new Value([1], "int32"), other = new Value([1], "bool");
  deepEqual(
    graphText([node("Take", [x, int64s([1, 2, 3, 4, 5, 6, 7])], [new Value([7], "int32")])], [other]).split(
      "\n",
    ),
    [
      "1 nodes, 1 inputs, 1 outputs, 32 B of values",
      "  v0 = input  int32 [1]  4 B",
      "  v1 = Take(v0, [1, 2, 3, 4, 5, 6, … 7])  int32 [7]  28 B",
      "  outputs an input",
    ],
  );
});

Deno.test("a graph is printed when it is compiled, but not when it runs again", async () => {
  await useEngine({ engine: "onnx" });
  const lines = await listening(["graph"], async () => {
    for (let i = 0; i < 3; i++) {
      const y = tf.tidy(() => tf.exp(tf.neg(tf.tensor2d([[i, 1, 2, 3, 4, 5, 6]]))));
      await y.data();
      y.dispose();
    }
  });
  deepEqual(lines.filter((line) => line.includes("nodes")).length, 1);
  deepEqual(lines.filter((line) => line.includes("= Exp(")).length, 1);
});

import { deepEqual } from "../../testing/assert.ts";
import { graphBuilder, type Value } from "./builder.ts";
import { inChunks } from "./chunks.ts";
import { opened } from "./testing.ts";

const x: Value = { name: "x", type: "float32" };
const values = (...data: number[]) => ({ x: { data: Float32Array.from(data), shape: [data.length] } });

Deno.test("a loop stacks its results, and its body reads the values around it", async () => {
  const ops = graphBuilder(), doubled = ops.mul(x, 2);
  const [rows] = ops.loop(ops.size(x, 0), (ops, i) => [ops.mul(doubled, ops.cast(i, "float32"))]);
  const run = await opened(ops.graph([[x, ["n"]]], [["rows", rows, ["n", "n"]]]));
  const { rows: { dims, data } } = await run(values(1, 5));
  deepEqual([dims, [...data as Float32Array]], [[2, 2], [0, 0, 2, 10]]);
});

Deno.test("chunks give one row for each index, whatever their number", async () => {
  const ops = graphBuilder();
  const [squares] = inChunks(ops, ops.size(x, 0), 4, (ops, indices) => [ops.square(ops.gather(x, indices))]);
  const run = await opened(ops.graph([[x, ["n"]]], [["squares", squares, ["n"]]]));
  for (const count of [1, 3, 4, 5, 8, 9]) {
    const given = Array.from({ length: count }, (_, i) => i + 1);
    deepEqual([...(await run(values(...given))).squares.data as Float32Array], given.map((i) => i * i));
  }
});

Deno.test("a graph is inserted twice, loops and all, and its names do not collide", async () => {
  const inner = graphBuilder(), input: Value = { name: "x", type: "float32" };
  const [sums] = inner.loop(inner.size(input, 0), (ops, i) => [ops.add(ops.gather(input, i), 1)]);
  const graph = inner.graph([[input, ["n"]]], [["y", sums, ["n"]]]);
  const ops = graphBuilder(), [once] = ops.insert(graph, [x]), [twice] = ops.insert(graph, [once]);
  const run = await opened(ops.graph([[x, ["n"]]], [["y", twice, ["n"]]]));
  deepEqual([...(await run(values(1, 2, 3))).y.data as Float32Array], [3, 4, 5]);
});

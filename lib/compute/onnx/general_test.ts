import { deepEqual, equal, ok } from "../../testing/assert.ts";
import { familyOf, structureOf } from "./general.ts";
import { type Constant, int64s, type Node, scalar, Value } from "./value.ts";

const form = (lists: readonly (readonly number[])[], ...shapes: number[][]) => ({
  constants: lists.map(int64s),
  shapes,
});

Deno.test("a family covers its form alone; another one opens the sizes and constants that differ", () => {
  const first = form([[2, 4], [1], [2, 4], [8]], [2, 4], [4]);
  const alone = familyOf(first);
  ok(alone.covers(first));
  deepEqual([0, 1, 2, 3].map(alone.inputOf), [undefined, undefined, undefined, undefined]);

  const longer = form([[2, 6], [1], [2, 6], [12]], [2, 6], [6]);
  ok(!alone.covers(longer));
  const both = alone.with(longer);
  deepEqual([0, 1, 2, 3].map(both.inputOf), ["k0", undefined, "k0", "k3"]);
  deepEqual(both.shapes, [[2, -1], [-1]]);
  ok(both.covers(first) && both.covers(longer));
  ok(both.covers(form([[2, 9], [1], [2, 9], [7]], [2, 9], [9])));
  ok(!both.covers(form([[2, 9], [0], [2, 9], [7]], [2, 9], [9])), "a fixed constant differs");
  ok(!both.covers(form([[2, 9], [1], [2, 8], [7]], [2, 9], [9])), "constants of one input differ");
  ok(!both.covers(form([[2, 9], [1], [2, 9], [7]], [3, 9], [9])), "a fixed size differs");
});

Deno.test("constants that were equal so far part when a form tells them apart", () => {
  const family = familyOf(form([[4], [4], [4]])).with(form([[5], [5], [5]])).with(form([[6], [7], [6]]));
  deepEqual([0, 1, 2].map(family.inputOf), ["k0", "k1", "k0"]);
  deepEqual(family.places, [0, 1]);
  ok(family.covers(form([[4], [4], [4]])) && family.covers(form([[1], [2], [1]])));
});

/** Returns the graph of one Reshape of a value of this shape. */
function reshaped(shape: number[], to: Constant, op = "Reshape") {
  const [x, y] = [new Value(shape, "float32"), new Value(to.values, "float32")];
  [x, y].forEach((value, slot) => value.slot = slot);
  const node: Node = { op, inputs: [x, to], outputs: [y], attributes: [], key: "", needed: true };
  return { signature: "", order: [node], feeds: [x], wanted: [y] };
}

Deno.test("graphs share a structure if they differ in sizes only, not in axes, operators or types", () => {
  const structure = structureOf(reshaped([2, 3], int64s([3, 2])));
  equal(structureOf(reshaped([4, 5], int64s([5, 4]))), structure);
  const others = [
    reshaped([2, 3], int64s([6])),
    reshaped([6], int64s([3, 2])),
    reshaped([2, 3], int64s([3, 2]), "Expand"),
    reshaped([2, 3], scalar(6)),
  ];
  for (const other of others) ok(structureOf(other) !== structure);
});

import { deepEqual } from "../../testing/assert.ts";
import { leavesLast } from "./compile.ts";
import { type Node, Value } from "./value.ts";

const value = () => new Value([1], "float32");
const node = (op: string, inputs: Value[], output: Value): Node => ({
  op,
  inputs,
  outputs: [output],
  attributes: [],
  key: "",
  needed: true,
});

Deno.test("nodes whose results no node reads come last and in reverse, the others as recorded", () => {
  const [x, hidden, dy, dx] = [value(), value(), value(), value()];
  const recorded = [
    node("hidden", [x], hidden),
    node("loss", [hidden], value()),
    node("dy", [hidden], dy),
    node("second weights", [dy, hidden], value()),
    node("dx", [dy], dx),
    node("first weights", [dx, x], value()),
  ];
  const order = leavesLast(recorded).map(({ op }) => op);
  deepEqual(order, ["hidden", "dy", "dx", "first weights", "second weights", "loss"]);
});

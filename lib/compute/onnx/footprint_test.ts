import { equal } from "../../testing/assert.ts";
import { footprint } from "./footprint.ts";
import { type Node, Value } from "./value.ts";

const node = (inputs: Value[], outputs: Value[]): Node => ({
  op: "Any",
  inputs,
  outputs,
  attributes: [],
  key: "",
  needed: true,
});
const value = (length: number, dtype: Value["dtype"] = "float32") => new Value([length], dtype);

Deno.test("a value counts from its node to its last reader; inputs and outputs do not count", () => {
  const x = value(1e6),
    a = value(100),
    b = value(10, "bool"),
    c = value(1000),
    unread = value(7),
    y = value(1e6);
  const order = [
    node([x], [a]), // a
    node([a], [b, unread]), // a, b, unread: 400 + 10 + 28
    node([b, x], [c]), // b, c: 10 + 4000
    node([c, b], [y]),
  ];
  equal(footprint(order, [y]), 4010);
  equal(footprint(order, [y, c]), 438);
  equal(footprint([], []), 0);
});

import * as assert from "../../testing/assert.ts";
import { encodeModel, nameOf } from "./compile.ts";
import { loadRuntime } from "./runtime.ts";
import { int64s, scalar, Value } from "./value.ts";

const valueOf = (shape: number[], slot: number) => Object.assign(new Value(shape, "float32"), { slot });

Deno.test("a graph writes its outputs into the caller's arrays; the binding makes no copies of them", () => {
  const runtime = loadRuntime(1), length = 2 ** 24;
  const x = valueOf([], 0), y = valueOf([length], 1);
  const shape = int64s([length]);
  const node = { op: "Expand", inputs: [x, shape], outputs: [y], attributes: [], key: "", needed: true };
  const session = runtime.compile(encodeModel([node], [x], [y], { unreadable: true }), { unreadable: true });
  const out = new Float32Array(length);
  const feeds = { [nameOf(x)]: runtime.tensor("float32", Float32Array.of(7), []) };
  const fetches = { [nameOf(y)]: runtime.tensor("float32", out, [length]) };
  const before = Deno.memoryUsage().external;
  assert.deepEqual(session.run(feeds, fetches), {});
  assert.ok(Deno.memoryUsage().external - before < out.byteLength / 2, "as large an array was made");
  assert.ok(out.every((value) => value === 7));
  session.dispose();
});

Deno.test("the error of a run is thrown, also where the first output is unreadable", () => {
  const runtime = loadRuntime(1), x = valueOf([3], 0), y = valueOf([3], 1);
  const node = { op: "Add", inputs: [x, scalar(1)], outputs: [y], attributes: [], key: "", needed: true };
  const session = runtime.compile(encodeModel([node], [x], [y], { unreadable: true }), { unreadable: true });
  const tensor = (length: number) => runtime.tensor("float32", new Float32Array(length), [length]);
  assert.throws(
    () => session.run({ [nameOf(x)]: tensor(4) }, { [nameOf(y)]: tensor(3) }),
    /Got: 4 Expected: 3/,
  );
  session.dispose();
});

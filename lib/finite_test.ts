import { doesNotThrow, equal, throws } from "./testing/assert.ts";
import { firstNotFinite, requireFinite } from "./finite.ts";

Deno.test("the first value that is not finite is found at every place of every length", () => {
  for (let length = 0; length < 12; length++) {
    for (const make of [(n: number) => new Float32Array(n), (n: number) => new Array<number>(n).fill(0)]) {
      equal(firstNotFinite(make(length).fill(-3.4e38)), -1);
      for (let place = 0; place < length; place++) {
        for (const bad of [NaN, Infinity, -Infinity]) {
          const values = make(length).fill(3.4e38);
          values[place] = values[length - 1] = bad;
          equal(firstNotFinite(values), place);
        }
      }
    }
  }
});

Deno.test("a tensor that is not finite is named; integers always pass", () => {
  const good = { data: Float32Array.of(1, 2) };
  doesNotThrow(() => requireFinite({ good, step: { data: Int32Array.of(2 ** 31 - 1) } }, "here"));
  throws(
    () =>
      requireFinite({ good, "head.bias": { data: Float32Array.of(0, NaN) } }, "a.safetensors", "Mend it."),
    /found NaN at position 1 of 'head\.bias' at a\.safetensors\. Mend it\./,
  );
});

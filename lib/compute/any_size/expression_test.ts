import { deepEqual, equal } from "../../testing/assert.ts";
import { express } from "./expression.ts";

const batch = [5, 11, 7, 13, 17, 8], length = [257, 409, 331, 283, 521, 367];
const told = (of: (b: number, l: number) => number) =>
  express(batch.map((b, k) => of(b, length[k])), [batch, length]);

Deno.test("numbers are expressed by the simplest sum of products of lengths", () => {
  deepEqual(told(() => 24), [{ factor: 24, of: [] }]);
  deepEqual(told((b) => b), [{ factor: 1, of: [0] }]);
  deepEqual(told((_, l) => 2 * l - 1), [{ factor: 2, of: [1] }, { factor: -1, of: [] }]);
  deepEqual(told((b, l) => 4 * b * l), [{ factor: 4, of: [0, 1] }]);
  deepEqual(told((b, l) => b + l + 3), [
    { factor: 1, of: [1] },
    { factor: 1, of: [0] },
    { factor: 3, of: [] },
  ]);
  deepEqual(told((_, l) => 2 * l * l - l), [{ factor: 2, of: [1, 1] }, { factor: -1, of: [1] }]);
});

Deno.test("a number that needs a division, a third power or an unknown length has no expression", () => {
  const others = [(_: number, l: number) => Math.floor(l / 2), (b: number) => b ** 3, (b: number) => 1 / b];
  for (const other of others) equal(told(other), undefined);
  equal(express([3, 1, 4, 1, 5, 9], [batch, length]), undefined);
});

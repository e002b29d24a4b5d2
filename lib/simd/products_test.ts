import { deepEqual, equal, throws } from "../testing/assert.ts";
import { random } from "../random.ts";
import { simdProducts } from "./products.ts";

Deno.test("sums of products at regular places have the order that is told, to the last bit", () => {
  const { normal } = random(1), { x, weights, sums, run } = simdProducts({ x: 400, weights: 24, sums: 30 });
  for (const array of [x, weights]) array.forEach((_, i) => array[i] = normal());
  for (const [from, step, taps, count] of [[0, 1, 4, 1], [7, 3, 24, 30], [1, 12, 8, 29], [30, 0, 12, 4]]) {
    run(from, step, taps, count);
    const expected = Array.from({ length: count }, (_, m) => {
      const parts = [0, 0, 0, 0];
      for (let t = 0; t < taps; t++) parts[t % 4] += x[from + m * step + t] * weights[t];
      return parts[0] + parts[1] + parts[2] + parts[3];
    });
    deepEqual([...sums.subarray(0, count)], expected, `from ${from}, step ${step}`);
  }
});

Deno.test("no products sum to 0; numbers beyond the arrays are refused", () => {
  const { sums, run } = simdProducts({ x: 100, weights: 8, sums: 8 });
  sums.fill(1);
  run(0, 1, 0, 3);
  run(0, 1, 4, 0);
  deepEqual([...sums], [0, 0, 0, 1, 1, 1, 1, 1]);
  for (
    const [from, step, taps, count] of [[90, 1, 8, 8], [0, 40, 4, 3], [0, 1, 12, 1], [0, 1, 6, 1], [
      0,
      1,
      4,
      9,
    ]]
  ) {
    throws(() => run(from, step, taps, count), RangeError);
  }
  equal(sums.length, 8);
});

import { deepEqual, equal, throws } from "../testing/assert.ts";
import { spread } from "./spread.ts";

Deno.test("mean and sample deviation", () => {
  deepEqual(spread([2, 4, 4, 4, 5, 5, 7, 9]), { mean: 5, deviation: Math.sqrt(32 / 7), n: 8 });
});

Deno.test("one value has no spread", () => {
  equal(spread([0.5]).deviation, null);
});

Deno.test("no values, or one that is not finite, is refused", () => {
  throws(() => spread([]), /found none/);
  throws(() => spread([0.5, NaN]), /found NaN/);
});

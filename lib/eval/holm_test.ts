import { deepEqual, ok, throws } from "../testing/assert.ts";
import { random } from "../random.ts";
import { holm } from "./holm.ts";

Deno.test("Holm's adjustment equals a calculation by hand", () => {
  // 4 x 0.005 = 0.02; 3 x 0.01 = 0.03; 2 x 0.03 = 0.06; 1 x 0.04 = 0.04, which the one before raises to 0.06.
  const near = (p: number[], expected: number[]) =>
    ok(holm(p).every((value, i) => Math.abs(value - expected[i]) < 1e-15), `${holm(p)}`);
  near([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]);
  near([0.5, 0.9, 0.2], [1, 1, 0.6]);
  near([0.02, 0.02], [0.04, 0.04]);
  deepEqual(holm([0.3]), [0.3]);
  deepEqual(holm([]), []);
});

Deno.test("Holm's adjustment equals statsmodels' multipletests(p, method='holm')", () => {
  const p = [0.001, 0.013, 0.029, 0.001, 0.25, 0.048, 0.7, 0.0095, 0.0096];
  const expected = [0.009, 0.0665, 0.116, 0.009, 0.5, 0.144, 0.7, 0.0665, 0.0665]; // statsmodels 0.15.0
  holm(p).forEach((value, i) => ok(Math.abs(value - expected[i]) < 1e-12, `${i}: ${value}`));
});

Deno.test("adjusted values keep the order, never fall below their own, and follow a permutation", () => {
  const { integer } = random(7);
  for (let trial = 0; trial < 50; trial++) {
    const p = Array.from({ length: 1 + integer(12) }, () => integer(1000) / 1000), adjusted = holm(p);
    p.forEach((a, i) => {
      ok(adjusted[i] >= a && adjusted[i] <= 1);
      p.forEach((b, j) => ok(a > b || adjusted[i] <= adjusted[j]));
    });
    deepEqual(holm(p.toReversed()), adjusted.toReversed());
  }
});

Deno.test("a value that is no probability is refused", () => {
  for (const odd of [NaN, -0.1, 1.5]) throws(() => holm([0.5, odd]), /p-values from 0 to 1 but found/);
});

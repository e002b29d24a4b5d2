import { deepEqual, equal, ok, throws } from "../testing/assert.ts";
import { spearman } from "./rank_correlation.ts";
import { shapley } from "./shapley.ts";

/** Values of `scipy.stats.spearmanr`. */
const SCIPY: [number[], number[], number][] = [
  [[0.1, 0.7, 0.2], [0, 2, 1], 1],
  [[1, 2, 2, 3], [4, 3, 3, 1], -1],
  [[0.05, 0.08, 0.05, 0.82, 0, 0], [0.003, 0.0486, 0.011, -0.048, 0, 0], 0.08956221510397983],
  [[3, 1, 4, 1, 5, 9, 2, 6, 5, 3], [2, 7, 1, 8, 2, 8, 1, 8, 2, 8], 0.13471506281091267],
];

Deno.test("Spearman's correlation equals scipy's, with ties", () => {
  for (const [a, b, rho] of SCIPY) {
    ok(Math.abs(spearman(a, b)! - rho) < 1e-12);
    ok(Math.abs(spearman(b, a)! - rho) < 1e-12);
    const order = [...a.keys()].reverse();
    ok(Math.abs(spearman(order.map((i) => a[i]), order.map((i) => b[i]))! - rho) < 1e-12, "in any order");
  }
});

Deno.test("Spearman's correlation is null where it is undefined, and refuses what is no number", () => {
  deepEqual([spearman([], []), spearman([1], [2]), spearman([1, 1], [1, 2])], [null, null, null]);
  throws(
    () => spearman([1, NaN], [1, 2]),
    /Expected two lists of finite numbers of one length, found NaN|found NaN/,
  );
  throws(() => spearman([1], [1, 2]), /found 1 and 2 numbers/);
});

Deno.test("Shapley values of two modalities: by hand, and they sum to both minus none", () => {
  // text first: 0.5 - 0.2, second: 0.9 - 0.3; speech first: 0.3 - 0.2, second: 0.9 - 0.5
  const { text, audio } = shapley({ none: 0.2, text: 0.5, audio: 0.3, both: 0.9 });
  ok(Math.abs(text - 0.45) < 1e-12 && Math.abs(audio - 0.25) < 1e-12);
  for (let i = 0; i < 50; i++) {
    const [none, read, heard, both] = [1, 2, 3, 4].map((k) => Math.sin(i * k + k));
    const shares = shapley({ none, text: read, audio: heard, both });
    ok(Math.abs(shares.text + shares.audio - (both - none)) < 1e-12);
    // Exchanged modalities exchange their values; one that changes nothing gets 0.
    deepEqual(shapley({ none, text: heard, audio: read, both }), { text: shares.audio, audio: shares.text });
    equal(shapley({ none, text: none, audio: heard, both: heard }).text, 0);
  }
});

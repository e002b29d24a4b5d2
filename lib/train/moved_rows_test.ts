import { simdArrays } from "../simd/mod.ts";
import { random } from "../random.ts";
import { deepEqual, equal, ok } from "../testing/assert.ts";
import { gapsOf, movedRows, spansOf } from "./moved_rows.ts";
import { adam, adamW, type ParameterState } from "./optimizer.ts";

const WIDTH = 8, ROWS = 40, SIZE = WIDTH * ROWS;

Deno.test("spans join neighbouring rows, and gaps are the rest", () => {
  deepEqual(spansOf([0, 2, 3, 7], 4), [[0, 4], [8, 16], [28, 32]]);
  deepEqual(gapsOf([[0, 4], [8, 16], [28, 32]], 36), [[4, 8], [16, 28], [32, 36]]);
  deepEqual(gapsOf([], 12), [[0, 12]]);
  deepEqual(gapsOf([[0, 12]], 12), []);
});

Deno.test("rows have moved from the first step that adds them, and those with moments had before", () => {
  const exp_avg = new Float32Array(SIZE), exp_avg_sq = new Float32Array(SIZE);
  exp_avg_sq[5 * WIDTH + 3] = 1e-30;
  const rows = movedRows({ step: 4, slots: { exp_avg, exp_avg_sq } }, WIDTH);
  deepEqual(rows.spans(), [[40, 48]]);
  rows.add([6, 39, 5]);
  deepEqual(rows.spans(), [[40, 56], [312, 320]]);
  rows.add([0]);
  deepEqual(rows.spans(), [[0, 8], [40, 56], [312, 320]]);
});

/** A table in SIMD memory, or in arrays of its own. */
function tableOf(start: Float32Array, lanes: boolean) {
  const [values, gradient, exp_avg, exp_avg_sq] = lanes
    ? simdArrays([Array(4).fill(SIZE)])[0]
    : Array.from({ length: 4 }, () => new Float32Array(SIZE));
  values.set(start);
  return { values, gradient, state: { step: 0, slots: { exp_avg, exp_avg_sq } } as ParameterState };
}

for (const [name, optimizer] of [["AdamW", adamW()], ["Adam", adam()]] as const) {
  for (const lanes of [true, false]) {
    for (const weightDecay of [0, 0.1]) {
      const where = lanes ? "in SIMD memory" : "in other memory";
      Deno.test(`${name} with decay ${weightDecay} reads moved rows alone, to the bit, ${where}`, () => {
        const draw = random(3), start = Float32Array.from({ length: SIZE }, () => draw.normal());
        const whole = tableOf(start, lanes), sparse = tableOf(start, lanes);
        const moved = movedRows(sparse.state, WIDTH), settings = { lr: 0.01, weightDecay, scale: 0.5 };
        for (const rows of [[3, 4], [4, 30], [], [0, 39]]) {
          for (const { gradient } of [whole, sparse]) gradient.fill(0);
          for (const row of rows) {
            for (let i = row * WIDTH; i < (row + 1) * WIDTH; i++) {
              whole.gradient[i] = sparse.gradient[i] = draw.normal();
            }
          }
          moved.add(rows);
          optimizer.update(whole.values, whole.gradient, whole.state, settings);
          optimizer.update(sparse.values, sparse.gradient, sparse.state, settings, moved.spans());
          deepEqual(sparse.values, whole.values);
          deepEqual(sparse.state, whole.state);
        }
        ok(start.some((value, i) => value !== whole.values[i]));
        equal(whole.state.step, 4);
      });
    }
  }
}

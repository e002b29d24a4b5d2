/** PiSSA and OLoRA leave the expected rest of a weight, computed by hand. */
import type { RawTensor } from "../../files/safetensors.ts";
import { equal, ok, throws } from "../../testing/assert.ts";
import { residual } from "./residual.ts";

const matrix = (...rows: number[][]) => ({
  shape: [rows.length, rows[0].length],
  data: Float32Array.from(rows.flat()),
});
const near = (actual: RawTensor, wanted: RawTensor) => {
  equal(`${actual.shape}`, `${wanted.shape}`);
  ok(Array.from(wanted.data).every((x, i) => Math.abs(x - actual.data[i]) < 1e-6), `${actual.data}`);
};

Deno.test("PiSSA subtracts the largest singular values of wide and of tall weights, whatever the scale", () => {
  const diagonal = matrix([3, 0, 0], [0, 0, 5]);
  near(residual("pissa", diagonal, 1, 7, "w"), matrix([3, 0, 0], [0, 0, 0]));
  near(residual("pissa", diagonal, 2, 7, "w"), matrix([0, 0, 0], [0, 0, 0]));
  near(residual("pissa", matrix([0, 2], [4, 0], [0, 0]), 1, 1, "w"), matrix([0, 2], [0, 0], [0, 0]));
  // (1,1)/√2 with value 3, (1,-1)/√2 with 1.
  near(residual("pissa", matrix([2, 1], [1, 2]), 1, 1, "w"), matrix([0.5, -0.5], [-0.5, 0.5]));
});

Deno.test("OLoRA subtracts scale times the projection on the first columns", () => {
  near(residual("olora", matrix([2, 3], [0, 4]), 1, 1, "w"), matrix([0, 0], [0, 4]));
  near(residual("olora", matrix([2, 3], [0, 4]), 1, 0.5, "w"), matrix([1, 1.5], [0, 4]));
  // The first column is 5 (3,4)/5; (5,0) has 3 of it.
  near(residual("olora", matrix([3, 5], [4, 0]), 1, 1, "w"), matrix([0, 3.2], [0, -2.4]));
  near(residual("olora", matrix([3, 5], [4, 0]), 2, 3, "w"), matrix([-6, -10], [-8, 0]));
});

Deno.test("a part that is not unique is refused", () => {
  const wrong =
    /Expected one part of rank 1 that pissa takes .* several equally good ones at w\. Save the adapter again/;
  throws(() => residual("pissa", matrix([1, 0], [0, 1]), 1, 1, "w"), wrong);
  throws(() => residual("olora", matrix([0, 1], [0, 1]), 1, 1, "w"), /that olora takes/);
  throws(() => residual("olora", matrix([1, 2, 0], [1, 2, 1], [0, 0, 5]), 2, 1, "w"), /that olora takes/);
});

import { random } from "../../random.ts";
import { ok } from "../../testing/assert.ts";
import { correlations } from "./correlation.ts";

Deno.test("products of blocks sum to the products of each frame", () => {
  const { normal } = random(1), frames = 5, lags = 12;
  for (const compared of [776, 160, 40]) {
    const x = Float64Array.from({ length: (frames - 1) * 160 + compared + 160 + lags }, normal);
    const found = correlations(x, frames, compared, lags);
    for (let frame = 0; frame < frames; frame++) {
      for (let lag = 0; lag < lags; lag++) {
        let sum = 0;
        for (let i = frame * 160; i < frame * 160 + compared; i++) sum += x[i] * x[i + lag];
        ok(Math.abs(found[frame * lags + lag] - sum) < 1e-10, `${compared}, ${frame}, ${lag}`);
      }
    }
  }
});

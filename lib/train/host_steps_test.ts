import { equal, ok } from "../testing/assert.ts";
import { jsonFixture } from "../testing/shared.ts";
import { clipFactor, globalNorm } from "./host_steps.ts";

interface Case {
  max_norm: number;
  gradients: number[][];
  norm: number;
  clipped: number[][];
}

Deno.test("norm and clipped gradients equal clip_grad_norm_", () => {
  for (const { max_norm, gradients, norm, clipped } of jsonFixture("optim.json").clip_grad_norm as Case[]) {
    const found = globalNorm(gradients.map((g) => Float64Array.from(g)));
    ok(Math.abs(found - norm) <= 1e-12 * Math.max(1, norm), `norm ${found} for ${norm}`);
    const factor = clipFactor(found, max_norm);
    gradients.flat().forEach((g, i) => {
      const want = clipped.flat()[i];
      ok(Math.abs(g * factor - want) <= 1e-12, `${g * factor} for ${want}`);
    });
  }
});

Deno.test("a bound of 0 clips nothing", () => equal(clipFactor(1e9, 0), 1));
